#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <sluice/core/demand.hpp>
#include <sluice/core/planted.hpp>

namespace sluice::core {

/// The consumer's side of one subscription: when to ask, for how much, and how large a batch may be.
///
/// Automatic: asks for `max` at first; hands out batches of at most max - min events; when the demand outstanding has
/// sunk to `min` or less, asks for what is missing to `max`. So a producer need never wait for a consumer that keeps
/// up, and never has more than `max` events under way. Manual: asks for nothing by itself. GenStage: "Demand protocol".
///
/// Demand is outstanding from the ask until the event was *processed*, not until it arrived: that is what bounds the
/// memory of a slow consumer. Every function is O(1), throws nothing, and needs no more than one thread at a time.
class demand_window {
public:
    /// The defaults: 1000 and 500.
    demand_window() noexcept : demand_window(1000) {}

    /// `min` is half of `max`, rounded down. `max` must be at least 1.
    explicit demand_window(std::size_t max) noexcept : demand_window(max, max / 2) {}

    /// `max` must be at least 1 and `min` less than `max`: options were validated before they come here.
    demand_window(std::size_t max, std::size_t min) noexcept : max_(max), min_(min) {
        assert(max >= 1 && "max_demand must be at least 1");
        assert(min < max && "min_demand must be less than max_demand");
    }

    /// A window that asks only by `ask`.
    static auto manual() noexcept -> demand_window {
        auto window = demand_window{};
        window.max_ = unlimited;
        window.min_ = 0;
        window.automatic_ = false;
        return window;
    }

    /// Another max from now on, with min in the proportion that it has to `of_max` in `of_min`. What was asked for
    /// stays asked for: a smaller window asks later, and a larger one for more with the next ask. `max` must be 1 …
    /// of_max.
    void resize(std::size_t max, std::size_t of_max, std::size_t of_min) noexcept {
        assert(max >= 1 && max <= of_max && of_min < of_max);
        max_ = max;
        auto const part = static_cast<double>(of_min) / static_cast<double>(of_max) * static_cast<double>(max);
        min_ = max == of_max ? of_min : std::min(static_cast<std::size_t>(part), max - 1);
        if (SLUICE_BUG(adaptive_bound_forgotten)) max_ = 2 * of_max;
    }

    /// The first ask, once, when the subscription begins: `max`; 0 if manual.
    auto open() noexcept -> std::size_t { return automatic_ ? ask(max_) : 0; }

    /// The largest batch that a body may be given: max - min, so that it asks again after each; unlimited if manual.
    auto batch_limit() const noexcept -> std::size_t { return max_ - min_; }

    /// How many of `available` events go into the next batch.
    auto cut(std::size_t available) const noexcept -> std::size_t { return std::min(available, batch_limit()); }

    /// `n` events arrived. Answers how many of them, the last ones, nobody has asked for. Those are not counted as
    /// demand, then or when they are processed.
    auto arrived(std::size_t n) noexcept -> std::size_t {
        const auto expected = std::min(n, awaited_);
        awaited_ -= expected;
        excess_ = saturating_add(excess_, n - expected);
        return n - expected;
    }

    /// `n` events were handled. Answers how many to ask for now: what is missing to `max` if no more than `min` are
    /// outstanding, else 0; always 0 if manual.
    auto processed(std::size_t n) noexcept -> std::size_t {
        outstanding_ -= counted(n);
        if (SLUICE_BUG(ask_too_late) && outstanding_ == min_) return 0;
        if (!automatic_ || outstanding_ > min_) return 0;
        return ask(max_ - outstanding_);
    }

    /// The consumer asks for `n` more, by hand. Demand adds up and saturates. Answers `n`.
    auto ask(std::size_t n) noexcept -> std::size_t {
        awaited_ = saturating_add(awaited_, n);
        outstanding_ = saturating_add(outstanding_, n);
        return n;
    }

    /// How many events were asked for and not processed yet.
    auto outstanding() const noexcept -> std::size_t { return outstanding_; }

    /// How many events were asked for and have not arrived yet.
    auto awaited() const noexcept -> std::size_t { return awaited_; }

    /// The most that may be outstanding: max_demand.
    auto max() const noexcept -> std::size_t { return max_; }
    /// More is asked for when so many or fewer are outstanding: min_demand.
    auto min() const noexcept -> std::size_t { return min_; }
    /// Whether somebody else asks, by `ask`.
    auto is_manual() const noexcept -> bool { return !automatic_; }

private:
    /// How many of `n` processed events count against the demand. First those that had arrived on demand, then the
    /// excess, which does not count, then any whose arrival was never announced.
    auto counted(std::size_t n) noexcept -> std::size_t {
        const auto on_demand = std::min(n, outstanding_ - awaited_);
        const auto surplus = std::min(n - on_demand, excess_);
        const auto unannounced = std::min(n - on_demand - surplus, awaited_);
        excess_ -= surplus;
        awaited_ -= unannounced;
        return on_demand + unannounced;
    }

    std::size_t max_;
    std::size_t min_;
    std::size_t outstanding_ = 0;  // asked for and not processed; never less than awaited_
    std::size_t awaited_ = 0;      // asked for and not arrived
    std::size_t excess_ = 0;       // arrived beyond the demand and not processed
    bool automatic_ = true;
};

}  // namespace sluice::core
