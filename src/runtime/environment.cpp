#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sluice/detail/environment.hpp>
#include <stdexcept>

#include "strand_service.hpp"

namespace sluice::detail {
namespace {

auto ticks_now() noexcept -> std::uint64_t {
#if defined(__x86_64__) || defined(__i386__)
    return __builtin_ia32_rdtsc();
#else
    using ns = std::chrono::nanoseconds;
    auto const now = environment::clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<ns>(now).count()) * 5 / 2;
#endif
}

class real_alarm final : public alarm {
public:
    real_alarm(asio::any_io_executor const& executor, environment::clock::time_point when, std::function<void()> fire)
        : timer_(executor, when) {
        timer_.async_wait([fire = std::move(fire)](boost::system::error_code error) {
            if (!error) fire();
        });
    }

private:
    asio::steady_timer timer_;
};

// Both clocks at the beginning: what has gone by since on either tells how long a tick is.
struct tick_scale {
    environment::clock::time_point time = environment::clock::now();
    std::uint64_t ticks = ticks_now();

    static auto instance() noexcept -> tick_scale const& {
        static tick_scale const scale;
        return scale;
    }
};

class real_environment final : public environment {
public:
    real_environment() : environment(true) { tick_scale::instance(); }
    auto now() const -> clock::time_point override { return clock::now(); }
    auto set_alarm(asio::any_io_executor const& executor, clock::time_point when, std::function<void()> fire)
        -> std::unique_ptr<alarm> override {
        return std::make_unique<real_alarm>(executor, when, std::move(fire));
    }
    auto may_continue_here() -> bool override { return true; }
    auto ticks() const noexcept -> std::uint64_t override { return ticks_now(); }
    auto messages_per_turn() -> std::size_t override { return 64; }
    auto operations_per_turn() -> std::size_t override { return 256; }
};

}  // namespace

auto environment::duration_of(std::uint64_t moments, bool are_ticks) noexcept -> clock::duration {
    if (!are_ticks) return clock::duration(static_cast<clock::rep>(moments));
    auto const& begin = tick_scale::instance();
    auto const ticks = ticks_now() - begin.ticks;
    auto const time = static_cast<double>((clock::now() - begin.time).count());
    if (ticks == 0) return clock::duration::zero();
    return clock::duration(static_cast<clock::rep>(static_cast<double>(moments) * time / static_cast<double>(ticks)));
}

asio::execution_context::id strand_service::id;
// Both need no code when the program begins or ends, so that contexts may be static, too.
constinit std::mutex strand_service::all_mutex_;
constinit strand_service* strand_service::all_ = nullptr;

strand_service::strand_service(asio::execution_context& context)
    : strand_service(context, std::make_unique<real_environment>()) {}

strand_service::strand_service(asio::execution_context& context, std::unique_ptr<environment> world)
    : asio::execution_context::service(context), world_(std::move(world)) {
    std::lock_guard const lock(all_mutex_);
    other_behind_ = all_;
    if (all_) all_->other_before_ = this;
    all_ = this;
}

strand_service::~strand_service() {
    std::lock_guard const lock(all_mutex_);
    (other_before_ ? other_before_->other_behind_ : all_) = other_behind_;
    if (other_behind_) other_behind_->other_before_ = other_before_;
}

void strand_service::add(strand& s) {
    std::lock_guard lock(mutex_);
    s.following_ = first_;
    if (first_) first_->previous_ = &s;
    first_ = &s;
}

void strand_service::remove(strand& s) noexcept {
    std::lock_guard lock(mutex_);
    (s.previous_ ? s.previous_->following_ : first_) = s.following_;
    if (s.following_) s.following_->previous_ = s.previous_;
    s.previous_ = s.following_ = nullptr;
}

auto strand_service::pop() noexcept -> strand_ptr {
    std::lock_guard lock(mutex_);
    strand_ptr s(first_);
    if (s) {
        first_ = s->following_;
        if (first_) first_->previous_ = nullptr;
        s->following_ = nullptr;
        s->service_ = nullptr;
    }
    return s;
}

void strand_service::shutdown() noexcept {
    while (auto s = pop()) s->abandon();
}

auto environment::of(asio::execution_context& context) -> environment& {
    return asio::use_service<strand_service>(context).world();
}

auto environment::of(asio::any_io_executor const& executor) -> environment& {
    return of(asio::query(executor, asio::execution::context));
}

void environment::install(asio::execution_context& context, std::unique_ptr<environment> world) {
    if (asio::has_service<strand_service>(context)) {
        throw std::logic_error("this execution context has an environment already: install it before the first stage");
    }
    asio::make_service<strand_service>(context, std::move(world));
}

}  // namespace sluice::detail
