#include <sluice/testing/timer.hpp>
#include <stdexcept>

namespace sluice::testing {

timer::timer(asio::any_io_executor executor) : executor_{std::move(executor)}, home_{simulation::find(executor_)} {
    if (home_ == nullptr) throw std::invalid_argument("testing::timer needs an executor of a testing::simulation");
    expiry_ = home_->now();
}

timer::timer(timer&& other) noexcept
    : executor_{other.executor_}, home_{other.home_}, expiry_{other.expiry_}, waits_{std::exchange(other.waits_, {})} {}

auto timer::operator=(timer&& other) noexcept -> timer& {
    if (this == &other) return *this;
    cancel();
    executor_ = other.executor_;
    home_ = other.home_;
    expiry_ = other.expiry_;
    waits_ = std::exchange(other.waits_, {});
    return *this;
}

auto timer::expires_at(time_point when) -> std::size_t {
    auto const cancelled = cancel();
    expiry_ = when;
    return cancelled;
}

auto timer::cancel() -> std::size_t {
    std::size_t cancelled = 0;
    for (auto const& key : std::exchange(waits_, {})) {
        if (detail::pending_wait::cancel(scheduler(), key)) ++cancelled;
    }
    return cancelled;
}

void timer::remember(detail::scheduler::timer_key key) {
    constexpr std::size_t few = 8;
    if (waits_.size() >= few) {
        std::erase_if(waits_, [this](auto const& wait) { return !scheduler().is_pending(wait); });
    }
    waits_.push_back(key);
}

}  // namespace sluice::testing
