#include "environment.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace sluice::testing::detail {
namespace {

/// What an alarm and its deadline share. The deadline may be gone first (it came, or the context was destroyed), or the
/// alarm (it was dropped).
struct alarm_state {
    asio::any_io_executor executor;
    std::function<void()> fire;
    scheduler::timer_key key{};
    bool pending = true;
    bool dropped = false;
};

class alarm_operation final : public operation {
public:
    explicit alarm_operation(std::shared_ptr<alarm_state> state) noexcept : operation{&act}, state_{std::move(state)} {}

private:
    static void act(operation* base, bool run) {
        std::unique_ptr<alarm_operation> const self{static_cast<alarm_operation*>(base)};
        auto const state = self->state_;
        state->pending = false;
        if (!run) {
            auto const unused = std::exchange(state->fire, nullptr);
            return;
        }
        asio::post(state->executor, [state] {
            if (auto const fire = std::exchange(state->fire, nullptr); fire && !state->dropped) fire();
        });
    }

    std::shared_ptr<alarm_state> state_;
};

class simulated_alarm final : public sluice::detail::alarm {
public:
    simulated_alarm(scheduler& home, std::shared_ptr<alarm_state> state) noexcept
        : home_{home}, state_{std::move(state)} {}
    ~simulated_alarm() override {
        state_->dropped = true;
        if (state_->pending) {
            if (auto* const deadline = home_.take_timer(state_->key)) deadline->drop();
        }
        auto const unused = std::exchange(state_->fire, nullptr);
    }

private:
    scheduler& home_;
    std::shared_ptr<alarm_state> state_;
};

}  // namespace

/// The library asks in places that cannot throw; what a chooser throws there is a failure of the schedule.
template <typename Question>
auto simulated_environment::ask(Question question) const noexcept -> decltype(question()) {
    try {
        return question();
    } catch (...) {
        home_.handler_threw(std::current_exception());
        return {};
    }
}

auto simulated_environment::ticks() const noexcept -> std::uint64_t {
    constexpr std::uint64_t long_turn = 1'000'000'000;
    bool const heavy =
        options_.heavy_turn_one_in != 0 && ask([this] { return chooser_.one_in(options_.heavy_turn_one_in); });
    return ticks_ += heavy ? long_turn : 1;
}

auto simulated_environment::set_alarm(asio::any_io_executor const& executor, clock::time_point when,
                                      std::function<void()> fire) -> std::unique_ptr<sluice::detail::alarm> {
    auto state = std::make_shared<alarm_state>();
    state->executor = executor;
    state->fire = std::move(fire);
    auto alarm = std::make_unique<simulated_alarm>(home_, state);
    auto deadline = std::make_unique<alarm_operation>(state);
    state->key = home_.submit_at(when, deadline.release());
    return alarm;
}

auto simulated_environment::may_continue_here() -> bool {
    if (options_.continue_here != answer::chosen) return options_.continue_here == answer::always;
    return ask([this] { return chooser_.coin(); });
}

auto simulated_environment::messages_per_turn() -> std::size_t {
    constexpr std::size_t many = 64;
    if (options_.messages_per_turn) return *options_.messages_per_turn;
    switch (ask([this] { return chooser_.choose(3); })) {
        case 0: return many;
        case 1: return 1;
        default: return 2;
    }
}

auto simulated_environment::operations_per_turn() -> std::size_t {
    if (options_.operations_per_turn) return *options_.operations_per_turn;
    return 1 + ask([this] { return chooser_.choose(4); });
}

}  // namespace sluice::testing::detail
