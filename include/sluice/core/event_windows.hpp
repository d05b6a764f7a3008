#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <sluice/core/event_time.hpp>
#include <sluice/core/window.hpp>
#include <sluice/core/window_grid.hpp>
#include <sluice/core/window_options.hpp>
#include <utility>

namespace sluice::core {

/// The fixed or sliding windows that are open, each with the caller's `State`, and in which order they close.
///
/// `add` gives an event to its windows, opening them as needed. `advance` says how far the watermark has come; then
/// `next` must be called until it answers nothing, and each answer is a window that fires. An event counts in a window
/// until that has been handed out as `done`, so calling `advance` after each batch and not after each event is what
/// Flow does: events out of order within a batch are not late.
///
/// Order: by the moment at which the watermark makes a window fire, so by start among firings of one phase, and a
/// `done` of an older window before the `watermark` of a newer one that is due at the same moment. It does not matter
/// in how many steps the watermark comes there. Windows without events fire too, between the first window there ever
/// was and the watermark, as in Flow; but see window_options::max_empty_run.
///
/// Late events reopen nothing that is done. With lateness they count in a window that is kept, and a window that nobody
/// had opened is opened for them: it fires `done` when its time has come, not `watermark`.
///
/// Memory: the open windows. O(log open windows) for each window of an event; O(1) if a fixed window is the one of the
/// event before. Of a jump of the watermark, however far, each call of `next` does one window.
/// Flow: `Flow.Window.fixed`, `allowed_lateness`; sliding windows and lateness in event time: the Dataflow model.
/// The callables given to a function must not call the object. One thread at a time.
template <class State>
class event_windows {
public:
    using clock = processing_clock;  ///< Measures late_for.

    /// A window that fires.
    struct firing {
        window_span window;                       ///< from when to when
        window_phase phase = window_phase::done;  ///< whether it fires for the last time
        State* state = nullptr;  ///< until the next call; after `watermark` the window keeps it as it is left
    };

    /// Throws errc::invalid_option.
    explicit event_windows(window_options const& options)
        : grid_(options),
          lateness_(options.lateness),
          late_for_(options.late_for),
          max_empty_(options.max_empty_run),
          empty_run_(options.max_empty_run) {}

    event_windows(event_windows&&) = default;  ///< what was moved from can only be destroyed or assigned to
    auto operator=(event_windows&&) -> event_windows& = default;
    event_windows(event_windows const&) = delete;
    auto operator=(event_windows const&) -> event_windows& = delete;
    ~event_windows() = default;

    /// Gives an event of that time to each of its windows that is not closed, the oldest first: `use(window_span,
    /// State&)`. A window that is not there gets the state that `make(window_span)` answers. Whatever they throw comes
    /// out; the windows visited before have the event then.
    template <class Make, class Use>
    auto add(ticks time, Make&& make, Use&& use) -> arrival {
        time = clamp_time(time);
        if (recent_span_.contains(time)) {
            use(recent_span_, recent_->second.state);
            return arrival_in(recent_->first);
        }
        const auto last = grid_.last(time);
        auto result = arrival::too_late;
        auto index = grid_.first(time);
        for (auto at = open_.lower_bound(index); index <= last; ++index) {
            if (at == open_.end() || at->first != index) {
                if (is_closed(index)) continue;
                at = open(at, index, make);
            }
            result = std::min(result, arrival_in(index));
            if (grid_.is_fixed()) {
                recent_ = at;
                recent_span_ = grid_.span(index);
            }
            use(grid_.span(index), at->second.state);
            ++at;
        }
        return result;
    }

    /// The watermark has come to `watermark`; `end_of_time`: there will be no more events, and each open window fires
    /// `done`, as at the end of a flow, the oldest first. A watermark that goes back changes nothing.
    void advance(ticks watermark, clock::time_point now) noexcept {
        watermark_ = std::max(watermark_, clamp_watermark(watermark));
        now_ = now;
    }

    /// Nothing more is expected for a while: the watermark passes all windows that are open, and those that are kept
    /// for what comes late are done too. It goes no further, so what comes later is not late.
    void close_all(clock::time_point now) noexcept {
        advance(latest_end(), now);
        lets_go_ = !open_.empty();
    }

    /// The next window that fires, or nothing, until `advance` is called again. `make` as for `add`: for windows
    /// without events. If `make` throws, that window has not fired.
    template <class Make>
    auto next(Make&& make) -> std::optional<firing> {
        leaving_ = {};
        if (watermark_ == before_all) return std::nullopt;
        if (watermark_ == end_of_time) return next_at_end(make);
        const auto passing = next_passing();
        if (const auto oldest = open_.begin(); oldest != open_.end() && oldest->first < ahead_) {
            const auto due = grid_.end(oldest->first) + lateness_;
            const bool is_next = due <= watermark_ && (!passing || due <= grid_.end(*passing));
            if (is_next || lets_go_ || is_expired(oldest->second)) return finish(oldest);
        }
        if (!passing) {
            lets_go_ = false;
            return std::nullopt;
        }
        const auto window = pass(*passing, make);
        if (lateness_ == 0) return finish(window);
        window->second.passed_at = now_;
        return firing{grid_.span(window->first), window_phase::watermark, &window->second.state};
    }

    /// Visits all open windows, the oldest first, those that are kept for late events too: `use(window_span, State&)`.
    /// Windows between them are opened for it, unless they are more than max_empty_run in a row. Flow: a periodic
    /// trigger, or one sent by hand, fires in all windows from the oldest to the newest.
    template <class Make, class Use>
    void visit(Make&& make, Use&& use) {
        for (auto at = open_.begin(); at != open_.end();) {
            use(grid_.span(at->first), at->second.state);
            auto index = std::max(at->first + 1, ahead_);
            ++at;
            if (at == open_.end() || index >= at->first) continue;
            if (static_cast<std::size_t>(at->first - index) > max_empty_) continue;
            for (; index < at->first; ++index) {
                const auto between = open(at, index, make);
                use(grid_.span(index), between->second.state);
            }
        }
    }

    /// When `advance` should be called next because a window will have been kept for late_for; nullopt: it need not be.
    auto next_expiry() const noexcept -> std::optional<clock::time_point> {
        if (late_for_ == forever || open_.empty() || open_.begin()->first >= ahead_) return std::nullopt;
        const auto since = open_.begin()->second.passed_at;
        return since > clock::time_point::max() - late_for_ ? clock::time_point::max() : since + late_for_;
    }

    /// The watermark that passes all windows that are open; `before_all` if none is.
    auto latest_end() const noexcept -> ticks { return open_.empty() ? before_all : grid_.end(open_.rbegin()->first); }

    /// How many windows are open or kept.
    auto open_windows() const noexcept -> std::size_t { return open_.size(); }
    /// Where windows begin and end.
    auto grid() const noexcept -> window_grid const& { return grid_; }

private:
    struct entry {
        State state;
        clock::time_point passed_at;  // when the watermark passed it
    };
    using windows = std::map<ticks, entry>;
    using place = typename windows::iterator;

    auto is_closed(ticks index) const noexcept -> bool {
        if (index >= ahead_) return false;
        return index < done_ || grid_.end(index) + lateness_ <= watermark_;
    }

    auto arrival_in(ticks index) const noexcept -> arrival { return index < ahead_ ? arrival::late : arrival::on_time; }

    auto is_expired(entry const& each) const noexcept -> bool {
        return late_for_ != forever && now_ - each.passed_at >= late_for_;
    }

    /// Opens a window before `next`, the one that comes after it.
    template <class Make>
    auto open(place next, ticks index, Make& make) -> place {
        // One opened late is kept no longer than the next, so that the oldest is always the first to go.
        const bool next_is_passed = next != open_.end() && next->first < ahead_;
        const auto passed_at = next_is_passed ? next->second.passed_at : now_;
        return open_.emplace_hint(next, index, entry{make(grid_.span(index)), passed_at});
    }

    /// The window that the watermark passes next, if there is one. It may be there or not.
    auto next_passing() noexcept -> std::optional<ticks> {
        const auto end = grid_.first_ahead(watermark_);
        if (ahead_ >= end) return std::nullopt;
        if (empty_run_ >= max_empty_) {  // then the next one that is there, or none
            const auto used = open_.lower_bound(ahead_);
            ahead_ = used == open_.end() ? end : std::min(end, used->first);
            if (ahead_ == end) return std::nullopt;
        }
        return ahead_;
    }

    /// The watermark passes this window, which is opened if it is not there.
    template <class Make>
    auto pass(ticks index, Make& make) -> place {
        auto window = open_.lower_bound(index);
        const bool is_empty = window == open_.end() || window->first != index;
        if (is_empty) window = open(window, index, make);
        empty_run_ = is_empty ? empty_run_ + 1 : 0;
        ahead_ = index + 1;
        return window;
    }

    auto finish(place window) -> firing {
        const auto index = window->first;
        done_ = std::max(done_, index + 1);
        if (recent_span_ == grid_.span(index)) recent_span_ = {};
        leaving_ = open_.extract(window);
        return {grid_.span(index), window_phase::done, &leaving_.mapped().state};
    }

    template <class Make>
    auto next_at_end(Make& make) -> std::optional<firing> {
        if (open_.empty()) {
            ahead_ = done_ = std::numeric_limits<ticks>::max();
            return std::nullopt;
        }
        const auto oldest = open_.begin();
        if (oldest->first < ahead_) return finish(oldest);
        if (empty_run_ >= max_empty_) ahead_ = oldest->first;
        return finish(pass(ahead_, make));
    }

    window_grid grid_;
    windows open_;
    typename windows::node_type leaving_;  // what has just fired for the last time
    place recent_{};                       // the fixed window of the event before,
    window_span recent_span_;              // or nowhere
    ticks watermark_ = before_all;
    ticks ahead_ = std::numeric_limits<ticks>::min();  // the first window that the watermark has not passed
    ticks done_ = std::numeric_limits<ticks>::min();   // all windows before this one are closed
    clock::time_point now_;
    bool lets_go_ = false;  // of what is kept for late events
    ticks lateness_;
    clock::duration late_for_;
    std::size_t max_empty_;
    std::size_t empty_run_;  // how many of the last windows passed had no events; as many as allowed before the first
};

}  // namespace sluice::core
