#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace sluice::benchmarks {

using event = std::uint64_t;
using events = std::vector<event>;

/// How many events there are, and how many travel together: 1 says that they are made one at a time.
struct amount {
    event last;
    std::size_t batch;

    [[nodiscard]] auto batches() const -> std::size_t { return last / batch; }
};

/// Between two neighbours, for all ways.
constexpr std::size_t batches_under_way = 8;
constexpr std::size_t events_under_way = 1000;

/// Of a broadcast and of a partition.
constexpr std::size_t consumers = 4;

// The work. The same functions for all ways, and not inlined.

template <class Batch>
[[gnu::noinline]] void fill(Batch& batch, event first, std::size_t n) {
    batch.reserve(n);
    for (event e = first; e < first + n; ++e) batch.push_back(e);
}
[[gnu::noinline]] inline void add_one(event* first, event* last) {
    for (; first != last; ++first) ++*first;
}
[[gnu::noinline]] inline auto sum(event const* first, event const* last) -> event {
    event result = 0;
    for (; first != last; ++first) result += *first;
    return result;
}
/// To which consumer an event goes.
[[gnu::noinline]] inline auto partition_of(event e) -> std::size_t {
    e = (e ^ (e >> 30)) * 0xbf58476d1ce4e5b9U;
    e = (e ^ (e >> 27)) * 0x94d049bb133111ebU;
    return static_cast<std::size_t>((e ^ (e >> 31)) % consumers);
}

// An event or a batch of them.

inline auto first_of(event& e) -> event* { return &e; }
inline auto last_of(event& e) -> event* { return &e + 1; }
inline auto first_of(events& batch) -> event* { return batch.data(); }
inline auto last_of(events& batch) -> event* { return batch.data() + batch.size(); }
template <class Message>
void add_one(Message& message) {
    add_one(first_of(message), last_of(message));
}
inline auto sum(event const& e) -> event { return sum(&e, &e + 1); }
inline auto sum(events const& batch) -> event { return sum(batch.data(), batch.data() + batch.size()); }

/// The next message of a source; `next` is moved on.
inline void make(event& message, event& next, std::size_t) { message = next++; }
inline void make(events& message, event& next, std::size_t n) {
    fill(message, next, n);
    next += n;
}

/// A sum for each consumer, on a line of the cache of its own.
class sums {
public:
    auto operator[](std::size_t consumer) -> event& { return of_[consumer].sum; }
    /// A number that tells one consumer from another.
    [[nodiscard]] auto weighted() const -> event {
        event result = 0;
        for (std::size_t i = 0; i < consumers; ++i) result += (i + 1) * of_[i].sum;
        return result;
    }

private:
    struct alignas(64) one {
        event sum = 0;
    };
    std::array<one, consumers> of_{};
};

/// Waits in a loop for another thread; now and then lets that one have the core.
class spinning {
public:
    void operator()() {
        if (++times_ % 256 == 0) {
            std::this_thread::yield();
        } else {
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#endif
        }
    }

private:
    unsigned times_ = 0;
};

}  // namespace sluice::benchmarks
