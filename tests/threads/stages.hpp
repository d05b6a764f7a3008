#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <sluice/sluice.hpp>
#include <utility>
#include <vector>

/// Bodies for tests with real threads.
namespace threads {

namespace asio = boost::asio;
using sluice::batch;
using sluice::inlet;
using sluice::outlet;

/// Fails the test when a body runs in two threads at once: reports what ThreadSanitizer may not see.
class alone {
public:
    explicit alone(std::atomic<int>& inside) : inside_(inside) {
        if (inside_.fetch_add(1) != 0) clashes.fetch_add(1);
    }
    alone(alone const&) = delete;
    auto operator=(alone const&) -> alone& = delete;
    ~alone() { inside_.fetch_sub(1); }

    static inline std::atomic<int> clashes = 0;

private:
    std::atomic<int>& inside_;
};

inline auto counter(outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}
inline auto naturals(outlet<int>& out) -> asio::awaitable<void> {
    for (int next = 0;; ++next) {
        const bool taken = co_await out.emit(next & 0xffff);
        if (!taken) co_return;
    }
}
inline auto pass_on(inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        const bool taken = co_await out.emit(std::move(*events));
        if (!taken) co_return;
    }
}
/// What it receives, summed and counted; a stage's own state needs no lock.
struct tally {
    std::uint64_t sum = 0;
    std::size_t count = 0;
};
inline auto add_up(inlet<int>& in, tally& into) -> asio::awaitable<void> {
    std::atomic<int> inside = 0;
    while (auto events = co_await in.receive()) {
        alone const check(inside);
        for (int event : *events) into.sum += static_cast<std::uint64_t>(event);
        into.count += events->size();
    }
}

}  // namespace threads
