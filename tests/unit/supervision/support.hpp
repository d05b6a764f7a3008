#pragma once

#include <functional>
#include <sluice/supervisor.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "../stages/support.hpp"

/// What the tests of supervisors share.
namespace supervision {

using namespace stages;
using sluice::child_options;
using sluice::child_state;
using sluice::restart_mode;
using sluice::restart_strategy;
using sluice::supervised;
using sluice::supervisor;

/// Doubles; throws before it emits when it meets an event that it was told to stumble over, once.
inline auto stumbler(inlet<int>& in, outlet<int>& out, int& over) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) {
            if (event == over) {
                over = -1;
                throw std::runtime_error("stumbled");
            }
            event *= 2;
        }
        co_await out.emit(std::move(*events));
    }
}

/// How often each child was made.
struct made {
    int numbers = 0;
    int doubled = 0;
    int collected = 0;

    auto text() const {
        return std::to_string(numbers) + " " + std::to_string(doubled) + " " + std::to_string(collected);
    }
};

/// Three stages; the middle one stumbles over one event, once.
struct line {
    explicit line(simulation& home, sluice::supervisor_options const& options = {},
                  child_options const& of_doubled = {}, int stumble_over = 25)
        : over(stumble_over), tested(home, options) {
        auto numbers = tested.add("numbers", [this](supervised& here) {
            ++count.numbers;
            return sluice::producer<int>{here, counter, 0, 100};
        });
        auto doubled = tested.add("doubled", of_doubled, [this, numbers](supervised& here) {
            ++count.doubled;
            return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 6}), stumbler,
                                                       std::ref(over)};
        });
        tested.add("collected", [this, doubled](supervised& here) {
            ++count.collected;
            return sluice::consumer<int>{here, here.from(doubled, {.max_demand = 4}), collector, std::ref(got)};
        });
    }

    int over;
    made count;
    std::vector<int> got;
    supervisor tested;
};

}  // namespace supervision
