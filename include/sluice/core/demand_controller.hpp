#pragma once

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sluice::core {

/// Between what a demand_controller looks for a window. `least` is 1 … `most`.
struct demand_limits {
    std::size_t least = 1;              ///< how many events are always allowed
    std::size_t most = 1000;            ///< how many are never exceeded
    std::chrono::nanoseconds target{};  ///< how long an event may take from its arrival until it was processed
};

/// Finds how many events a subscription should have under way: the fewest with which its throughput is near the most
/// that it can be, and so few that events do not wait longer than a target.
///
/// It goes in rounds. A round lasts until as many events were processed as the window holds, and at least half a
/// millisecond; it yields a throughput and a mean wait, from arrival until processed. Then
///
/// - the window grows, to its double or to where events would wait for the target if waits grew with it. A step that
///   brings a tenth of what it asks for (10 % for a double window) stays, and the next one follows; one that does not
///   is taken back, and tried again eight rounds later. BBR: Startup and ProbeBW, draft-ietf-ccwg-bbr 5.3, which goes
///   on while the delivery rate grows and probes once in eight rounds.
/// - the window shrinks when events waited longer than the target in two rounds running, by target / wait but to no
///   less than half. Netflix concurrency-limits, Gradient2Limit: limit * max(1/2, min(1, tolerance * rtt / wait)).
/// - a step down that does not shorten the wait, because it is spent on each batch and not on each event, is taken
///   back too, and one and a half times that wait is borne from then on (that algorithm's tolerance), for 64 rounds.
///
/// It has no clock: `now` is the time since any moment, the same for all calls. Where it does not move, nothing changes
/// but counts. Every function is O(1), throws nothing, and needs no more than one thread at a time.
class demand_controller {
public:
    using duration = std::chrono::nanoseconds;  ///< Of times since any moment.

    /// Where it begins, if the limits allow. TCP: RFC 6928.
    static constexpr std::size_t first_window = 10;
    /// A round lasts at least so long.
    static constexpr duration shortest_round = std::chrono::microseconds(500);
    /// So many rounds pass before what did not help is tried again.
    static constexpr unsigned rounds_between_probes = 8;

    /// `within` is taken as it is: options were checked before.
    explicit demand_controller(demand_limits const& within) noexcept
        : least_(within.least),
          most_(within.most),
          target_(std::max(1.0, number(within.target))),
          window_(std::clamp(first_window, within.least, within.most)) {
        assert(within.least >= 1 && within.least <= within.most && "options were validated before they come here");
    }

    /// How many events may be outstanding: `least` … `most`.
    auto window() const noexcept -> std::size_t { return window_; }

    /// `n` events have arrived, or so late can they have at most.
    void arrived(std::size_t n, duration now) noexcept {
        arrived_ += n;
        if (timing_ || n == 0) return;
        timing_ = true;
        timed_ = arrived_;
        timed_since_ = now;
    }

    /// `n` events were processed. true: a round has ended, and window() may have changed.
    auto processed(std::size_t n, duration now) noexcept -> bool {
        if (now < last_) {  // a clock that was set back tells nothing of what was before
            timing_ = false;
            begin_round(now);
        }
        last_ = now;
        processed_ += n;
        // Numbers of events, of which the difference counts: they may wrap around.
        if (timing_ && processed_ - timed_ <= half_of_all) end_timing(now);
        if (settling_ > 0) {
            settling_ -= std::min(settling_, n);
            if (settling_ == 0) begin_round(now);
            return false;
        }
        events_ += static_cast<double>(n);
        auto const elapsed = number(now) - number(began_);
        auto const lengths = extended_ ? 2.0 : 1.0;
        if (waits_ == 0 || events_ < lengths * static_cast<double>(window_)) return false;
        if (elapsed < lengths * number(shortest_round)) return false;
        end_round({window_, events_ / elapsed, wait_ / waits_}, now);
        return true;
    }

private:
    enum class step : unsigned char { none, up, down };
    /// What a round has shown.
    struct finding {
        std::size_t window = 0;
        double rate = 0;  // events a nanosecond
        double wait = 0;  // nanoseconds
    };

    static constexpr auto half_of_all = ~std::uint64_t{0} / 2;
    static constexpr double gain_needed = 0.1;     // of what a step up asks for
    static constexpr double relief_needed = 0.25;  // of what a step down gives up
    static constexpr double tolerance = 1.5;
    static constexpr unsigned rounds_of_a_floor = 64;

    static auto number(duration time) noexcept -> double { return static_cast<double>(time.count()); }
    auto limit() const noexcept -> double { return std::max(target_, tolerance * floor_); }
    /// From the window of `before_` to that in force.
    auto ratio() const noexcept -> double { return static_cast<double>(window_) / static_cast<double>(before_.window); }

    void begin_round(duration now) noexcept {
        began_ = now;
        events_ = wait_ = waits_ = 0;
        extended_ = false;
    }

    void end_timing(duration now) noexcept {
        timing_ = false;
        wait_ += std::max(0.0, number(now) - number(timed_since_));
        ++waits_;
    }

    void end_round(finding const& found, duration now) noexcept {
        if (floor_ > 0 && ++floor_age_ > rounds_of_a_floor) floor_ = 0;
        auto const taken = step_;
        bool const paid = taken != step::none && has_paid(found);
        if (taken != step::none && !paid && !extended_) {  // a round twice as long decides
            extended_ = true;
            return;
        }
        begin_round(now);
        step_ = step::none;
        switch (taken) {
            case step::none: stand(found); break;
            case step::up: paid ? climb(found) : take_back(rounds_between_probes); break;
            case step::down: paid ? come_down(found) : bear(found); break;
        }
    }

    auto has_paid(finding const& found) const noexcept -> bool {
        if (step_ == step::up) {
            return found.wait <= limit() && found.rate >= before_.rate * (1 + gain_needed * (ratio() - 1));
        }
        return found.wait <= before_.wait * (1 - relief_needed * (1 - ratio()));
    }

    /// A round in which nothing was tried.
    void stand(finding const& found) noexcept {
        if (found.wait <= target_) floor_ = 0;
        if (found.wait > limit()) {
            if (++over_ >= 2) descend(found);
            return;
        }
        over_ = 0;
        rate_ = rate_ > 0 ? (3 * rate_ + found.rate) / 4 : found.rate;
        if (rest_ > 0) {
            --rest_;
        } else {
            climb({found.window, rate_, found.wait});
        }
    }

    void climb(finding const& found) noexcept {
        auto const wanted = static_cast<double>(window_) * (found.wait > 0 ? std::min(2.0, limit() / found.wait) : 2.0);
        auto const to = wanted < static_cast<double>(most_) ? static_cast<std::size_t>(wanted) : most_;
        if (to <= window_ || to - window_ < window_ / 8) {  // not worth a try
            rest_ = rounds_between_probes;
        } else {
            go(step::up, to, found);
        }
    }

    void descend(finding const& found) noexcept {
        auto const wanted = static_cast<double>(window_) * std::max(0.5, limit() / found.wait);
        auto const to = std::max(least_, static_cast<std::size_t>(wanted));
        if (to < window_) {
            go(step::down, to, found);
        } else {
            bear(found.wait);
            rest_ = rounds_between_probes;
        }
    }

    /// A step down has shortened the wait.
    void come_down(finding const& found) noexcept {
        rest_ = rounds_between_probes;
        if (found.wait > limit()) descend(found);
    }

    /// A step down has not: what is left of the wait is not the window's.
    void bear(finding const& found) noexcept {
        bear(std::min(found.wait, before_.wait));
        take_back(0);
    }
    void bear(double wait) noexcept {
        floor_ = wait;
        floor_age_ = 0;
        over_ = 0;
    }

    void take_back(unsigned rest) noexcept {
        change(before_.window);
        rest_ = rest;
    }
    void go(step which, std::size_t to, finding const& found) noexcept {
        before_ = found;
        before_.window = window_;
        step_ = which;
        change(to);
    }
    /// What was asked for with the old window comes first, and tells nothing of the new one.
    void change(std::size_t to) noexcept {
        settling_ = std::max(window_, to);
        window_ = to;
        over_ = 0;
        rate_ = 0;
    }

    std::size_t least_;
    std::size_t most_;
    double target_;
    std::size_t window_;

    // The batch that is being timed; one at a time, as RFC 6298 does with segments.
    std::uint64_t arrived_ = 0;
    std::uint64_t processed_ = 0;
    std::uint64_t timed_ = 0;  // until so many were processed
    duration timed_since_{};
    bool timing_ = false;

    // The round.
    bool extended_ = false;
    duration last_ = duration::min();
    duration began_{};
    std::size_t settling_ = 1;  // events before it begins
    double events_ = 0;
    double wait_ = 0;
    double waits_ = 0;

    // What is being tried.
    step step_ = step::none;
    finding before_;
    double rate_ = 0;    // over the rounds in which nothing was tried
    unsigned rest_ = 0;  // rounds until the next try to grow
    unsigned over_ = 0;  // rounds over the limit
    double floor_ = 0;   // the wait that no window has shortened
    unsigned floor_age_ = 0;
};

}  // namespace sluice::core
