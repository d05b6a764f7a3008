#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace sluice::detail {

/// A number that one strand writes and any thread may read: stored as cheaply as a plain one, because with one writer
/// no read-modify-write is needed. Readers see some value that it had; several numbers need not be of one moment.
template <class N>
class published {
public:
    published() noexcept : published(N()) {}
    explicit published(N n) noexcept : value_(n) {}
    published(published const&) = delete;

    operator N() const noexcept { return value_.load(std::memory_order_relaxed); }
    auto operator=(N n) noexcept -> published& {
        value_.store(n, std::memory_order_relaxed);
        return *this;
    }
    auto operator=(published const&) -> published& = delete;
    auto operator+=(N n) noexcept -> published& requires std::integral<N> { return *this = *this + n; }
    auto operator-=(N n) noexcept -> published& requires std::integral<N> { return *this = *this - n; }

private:
    std::atomic<N> value_;
};

/// The same for how many there are of something, with the most there ever were.
class published_level {
public:
    operator std::size_t() const noexcept { return now_; }
    auto operator=(std::size_t n) noexcept -> published_level& {
        now_ = n;
        if (n > most_) most_ = n;
        return *this;
    }
    auto operator+=(std::size_t n) noexcept -> published_level& { return *this = now_ + n; }
    auto operator-=(std::size_t n) noexcept -> published_level& {
        now_ -= n;
        return *this;
    }
    auto most() const noexcept -> std::size_t { return most_; }

private:
    published<std::size_t> now_;
    published<std::size_t> most_;
};

/// How long something has waited in all, and since when it does: in moments of its strand (environment::moment).
struct waiting_time {
    published<std::uint64_t> since;  // 0: it does not
    published<std::uint64_t> ended;  // when it last stopped waiting
    published<std::uint64_t> total;

    void begin(std::uint64_t moment) noexcept { since = moment == 0 ? 1 : moment; }
    void end(std::uint64_t moment) noexcept {
        if (since == 0) return;
        if (moment > since) total += moment - since;
        since = 0;
        ended = moment;
    }
};

/// What is said of one subscription; its consumer writes.
struct link_meter {
    published<std::uint64_t> received;
    published<std::size_t> outstanding;  // asked for and not processed
    published<std::size_t> awaited;      // asked for and not arrived
    published<std::uint64_t> asked_at;   // a moment; 0: never
    published<std::size_t> max_demand;   // in force; 0: the user asks
};

}  // namespace sluice::detail
