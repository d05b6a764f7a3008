#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>

namespace sluice::testing {

/// Who answers a question that the library asks its surroundings.
enum class answer {
    chosen,  ///< the chooser, each time
    always,  ///< Yes.
    never,   ///< No.
};

/// How a simulation behaves where real contexts differ from each other. The defaults let the chooser decide everything.
struct simulation_options {
    /// run() gives up after this many handlers: a loop without end is a failure, not a hang. At least 1.
    std::size_t step_budget = 1'000'000;

    /// Where handlers are ready, how often the next deadline comes all the same, as on a machine that is busy or slow:
    /// once in so many steps. 0: time passes only when nothing else is left to do.
    std::size_t early_deadline_one_in = 16;

    /// Whether a stage that is woken goes on in the same turn of the thread, or is posted to its executor.
    answer continue_here = answer::chosen;

    /// How often a turn of a stage counts as so long that stages which wait in its thread are given to other threads:
    /// once in so many questions. 0: never.
    std::size_t heavy_turn_one_in = 16;

    /// How many messages a stage handles before it lets others run. Not set: 1, 2 or many, chosen each time.
    std::optional<std::size_t> messages_per_turn = std::nullopt;

    /// How many operations of a body complete without suspending before it yields. Not set: 1 to 4, chosen each time.
    std::optional<std::size_t> operations_per_turn = std::nullopt;
};
static_assert(std::is_trivially_destructible_v<simulation_options>);

/// Options with which only the order of handlers is decided: for exhaustive exploration, where each further decision
/// multiplies the schedules.
constexpr auto order_alone() noexcept -> simulation_options {
    return {.step_budget = 1'000'000,
            .early_deadline_one_in = 0,
            .continue_here = answer::never,
            .heavy_turn_one_in = 0,
            .messages_per_turn = 1,
            .operations_per_turn = 1};
}

}  // namespace sluice::testing
