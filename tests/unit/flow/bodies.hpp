#pragma once

#include <numeric>
#include <sluice/inlet.hpp>
#include <sluice/outlet.hpp>
#include <stdexcept>
#include <utility>

// Bodies of stages that several tests of flows lead into or out of.

namespace flow_test {

namespace asio = boost::asio;

/// next … last - 1, as they are wanted.
inline auto counter(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        bool const done = next == last;
        bool const taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}

inline auto doubler(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) event *= 2;
        co_await out.emit(std::move(*events));
    }
}

inline auto adder(sluice::inlet<int>& in, long& sum) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) sum = std::accumulate(events->begin(), events->end(), sum);
}

inline auto failing(sluice::outlet<int>& out) -> asio::awaitable<void> {
    co_await out.emit(1);
    throw std::runtime_error("the producer failed");
}

}  // namespace flow_test
