#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <sluice/detail/environment.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// How far a layer's stage goes before it pauses: by events, and by time where the environment has a clock. So a step
/// that drops everything, or one that takes long, neither keeps its thread nor holds back what others wait for.
class pace {
public:
    explicit pace(environment const& world) noexcept : world_(&world) {}

    /// A round begins: some thousand events at most.
    void begin() noexcept {
        began_ = looked_ = world_->ticks();
        left_ = slice_;
        slices_ = 0;
        was_slow_ = false;
    }
    /// One event more; false when it is time for a pause.
    auto step() noexcept -> bool { return --left_ != 0 || next_slice(); }
    /// The last round took so long that what it made should go out, though its batches are not full.
    auto was_slow() const noexcept -> bool { return was_slow_; }

    /// Rounds have taken so long since the last rest, one at least, that others should run now.
    auto rest_is_due() const noexcept -> bool {
        auto const now = world_->ticks();
        return now == 0 || now - rested_ > turn_ticks;
    }
    void rested() noexcept {
        rested_ = world_->ticks();
        ++rests_;
    }
    /// Now and then what lies in batches goes out, full or not: an outlet for rare keys might never fill one.
    auto clearing_is_due() noexcept -> bool {
        if (rests_ < rests_per_clearing) return false;
        rests_ = 0;
        return true;
    }

private:
    static constexpr unsigned longest_slice = 64;
    static constexpr unsigned slices_per_round = 64;
    static constexpr unsigned rests_per_clearing = 16;
    static constexpr std::uint64_t slow_ticks = 1'000'000;  // some 400 microseconds
    static constexpr std::uint64_t turn_ticks = 500'000;

    /// Looks at the clock, more often where events take long.
    auto next_slice() noexcept -> bool {
        auto const now = world_->ticks();
        bool const is_long = now - std::exchange(looked_, now) > slow_ticks / 16;
        slice_ = is_long ? std::max(slice_ / 2, 1U) : std::min(slice_ * 2, longest_slice);
        was_slow_ = now - began_ > slow_ticks;
        left_ = slice_;
        return !was_slow_ && ++slices_ < slices_per_round;
    }

    environment const* world_;
    std::uint64_t began_ = 0;
    std::uint64_t looked_ = 0;
    std::uint64_t rested_ = 0;
    unsigned slice_ = 1;
    unsigned left_ = 1;
    unsigned slices_ = 0;
    unsigned rests_ = 0;
    bool was_slow_ = false;
};

// The steps of a layer as they run: each pushes what it makes into the next. A push takes the event in any case, and
// answers false when the stage must pause: because a batch is full, or for the sake of others. Then nothing is pushed
// until resume(), which goes on with what lies open, the last step first, has answered true. After the last event
// finish() is called, again until it is true. A node is_done() when it, or one behind it, will let nothing more pass:
// then what is before it stops, and finish() comes early.

/// A step with nothing of its own to go on with.
template <class Next>
struct passing_node {
    auto resume(pace& p) -> bool { return next.resume(p); }
    auto finish(pace& p) -> bool { return next.finish(p); }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Next next;
};

template <class In, class Fn, class Next>
struct map_node : passing_node<Next> {
    using out = std::decay_t<std::invoke_result_t<Fn&, In>>;

    auto push(In&& event, pace& p) -> bool {
        return this->next.push(static_cast<out>(std::invoke(fn, std::move(event))), p);
    }

    Fn fn;
};

template <class In, class Fn, bool Keep, class Next>
struct filter_node : passing_node<Next> {
    auto push(In&& event, pace& p) -> bool {
        bool const says = static_cast<bool>(std::invoke(fn, std::as_const(event)));
        return says != Keep || this->next.push(std::move(event), p);
    }

    Fn fn;
};

/// A range that a function gave back: kept if it is a value, else where it lies.
template <class Result>
struct kept_range {
    using type = std::remove_cvref_t<Result>;
    static constexpr bool is_value = !std::is_lvalue_reference_v<Result>;
    /// Its elements are nobody else's.
    static constexpr bool may_move = is_value && !std::ranges::view<type>;

    explicit kept_range(Result&& result) : range(std::forward<Result>(result)) {}
    auto get() noexcept -> std::remove_reference_t<Result>& { return range; }

    std::conditional_t<is_value, type, Result> range;
};

/// One event out of a range: moved where the range is ours, else copied.
template <class T, bool MayMove, class Iterator>
auto take_element(Iterator const& at) -> T {
    using reference = std::iter_reference_t<Iterator>;
    if constexpr (std::is_lvalue_reference_v<reference> && MayMove) {
        return T(std::move(*at));
    } else {
        return T(*at);
    }
}

/// A range that a function gave, and how far its elements have gone on to the next step.
template <class Result>
class open_range {
    using range_type = kept_range<Result>;
    using iterator = std::ranges::iterator_t<std::remove_reference_t<Result>>;

public:
    using element = std::ranges::range_value_t<std::remove_reference_t<Result>>;

    void open(Result&& result) {
        range_.emplace(std::forward<Result>(result));
        at_.emplace(std::ranges::begin(range_->get()));
    }
    auto is_open() const noexcept -> bool { return at_.has_value(); }
    void close() noexcept {
        at_.reset();
        range_.reset();
    }
    /// Precondition: is_open(). As far as the next step will take it; true when it is at its end, and closed. When
    /// something throws, the rest is given up.
    template <class Next>
    auto walk(Next& next, pace& p) -> bool {
        try {
            auto here = std::move(*at_);
            auto const end = std::ranges::end(range_->get());
            while (here != end) {
                bool const go_on = next.push(take_element<element, range_type::may_move>(here), p);
                ++here;
                if (!go_on || !p.step()) {
                    *at_ = std::move(here);
                    return false;
                }
            }
        } catch (...) {
            close();
            throw;
        }
        close();
        return true;
    }
    /// Goes on after a pause: what lies open behind comes first. When that throws, the rest is given up, too: it is of
    /// the same event.
    template <class Next>
    auto go_on(Next& next, pace& p) -> bool {
        try {
            if (!next.resume(p)) return false;
        } catch (...) {
            close();
            throw;
        }
        return go_on_here(next, p);
    }
    /// The same when nothing lies open behind.
    template <class Next>
    auto go_on_here(Next& next, pace& p) -> bool {
        if (is_open() && next.is_done()) close();
        return !is_open() || walk(next, p);
    }
    /// Precondition: is_open(). All the rest at once.
    template <class Batch>
    void drain(Batch& to) {
        auto const end = std::ranges::end(range_->get());
        for (auto& here = *at_; here != end; ++here) to.push_back(take_element<element, range_type::may_move>(here));
        close();
    }

private:
    std::optional<range_type> range_;
    std::optional<iterator> at_;
};

/// Walks the range that the function gives for each event. The event stays while its range is walked, so the range may
/// refer to it.
template <class In, class Fn, class Next>
struct flat_map_node {
    using result = std::invoke_result_t<Fn&, In>;

    flat_map_node(Fn f, Next&& n) : fn(std::move(f)), next(std::move(n)) {}

    auto push(In&& given, pace& p) -> bool {
        event.emplace(std::move(given));
        range.open(std::invoke(fn, std::move(*event)));
        return range.walk(next, p) && let_go();
    }
    auto resume(pace& p) -> bool { return range.go_on(next, p) && let_go(); }
    auto finish(pace& p) -> bool { return next.finish(p); }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Fn fn;
    Next next;
    std::optional<In> event;
    open_range<result> range;

private:
    auto let_go() -> bool {
        event.reset();
        return true;
    }
};

/// Keeps the accumulator, and pushes it once, at the end.
template <class In, class Acc, class Fn, class Next>
struct reduce_node : passing_node<Next> {
    auto push(In&& event, pace&) -> bool {
        std::invoke(fn, acc, std::move(event));
        return true;
    }
    auto finish(pace& p) -> bool {
        if (!std::exchange(is_finished, true) && !this->next.push(std::move(acc), p)) return false;
        return this->next.finish(p);
    }

    Acc acc;
    Fn fn;
    bool is_finished = false;
};

}  // namespace sluice::detail
