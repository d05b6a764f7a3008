#pragma once

#include <cstdint>
#include <sluice/detail/environment.hpp>
#include <sluice/testing/chooser.hpp>
#include <sluice/testing/detail/scheduler.hpp>
#include <sluice/testing/simulation_options.hpp>

namespace sluice::testing::detail {

/// The world as the library sees it inside a simulation: virtual time, and chosen answers.
class simulated_environment final : public sluice::detail::environment {
public:
    simulated_environment(scheduler& home, chooser& decider, simulation_options const& options) noexcept
        : home_{home}, chooser_{decider}, options_{options} {}

    auto now() const -> clock::time_point override { return home_.now(); }
    auto ticks() const noexcept -> std::uint64_t override;
    auto set_alarm(asio::any_io_executor const& executor, clock::time_point when, std::function<void()> fire)
        -> std::unique_ptr<sluice::detail::alarm> override;
    auto may_continue_here() -> bool override;
    auto messages_per_turn() -> std::size_t override;
    auto operations_per_turn() -> std::size_t override;

private:
    template <typename Question>
    auto ask(Question question) const noexcept -> decltype(question());

    scheduler& home_;
    chooser& chooser_;
    simulation_options const& options_;
    mutable std::uint64_t ticks_ = 0;
};

}  // namespace sluice::testing::detail
