#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/core/event_count.hpp>
#include <sluice/core/event_windows.hpp>
#include <sluice/core/periods.hpp>
#include <sluice/core/session_windows.hpp>
#include <sluice/core/watermarks.hpp>
#include <sluice/core/window.hpp>
#include <sluice/detail/flow/lane.hpp>
#include <sluice/flow/key_hash.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

using window_clock = core::processing_clock;
using core::ticks;

/// Which window: what a trigger is told of it.
struct window_ref {
    core::window_id id;
    core::window_span span;  // event time only
};

/// A window that closes, or that the watermark passes.
template <class State, class Key>
struct window_firing {
    window_ref window;
    core::window_phase phase;
    State* state;
    Key const* key = nullptr;
};

/// For windows that are not found by key.
struct no_key {};

// Keepers have the open windows of one stage, each with a State. They know how windows are found and when they close;
// the arithmetic is core's. A keeper has
//   begin(lane)               the stage runs
//   add(event, make, use)     use(State&, window_ref, Key const*) for each window of the event; false: it is too late
//   has_closed()              next() is to be called after this event, not only after the batch
//   batch_over(lane), pass(lane)  a batch was worked off; look what time it is
//   close()                   nothing more will come
//   next(make)                what fires, until nothing does
//   visit(make, use)          all open windows, the oldest first
//   deadline()                when to look what time it is

/// The one window of a stage, or, with a count, one after the other.
template <class State>
class global_keeper {
public:
    using key_type = no_key;
    static constexpr bool is_timed = false;

    static void begin(lane_core&) noexcept {}
    template <class In, class Make, class Use>
    auto add(In const&, Make&& make, Use&& use) -> bool {
        if (!state_) state_.emplace(make());
        use(*state_, ref(), nullptr);
        return true;
    }
    static auto has_closed() noexcept -> bool { return false; }
    static void batch_over(lane_core&) noexcept {}
    static void pass(lane_core&) noexcept {}
    void close() noexcept { is_closing_ = true; }
    template <class Make>
    auto next(Make&& make) -> std::optional<window_firing<State, no_key>> {
        if (!std::exchange(is_closing_, false)) return std::nullopt;
        if (!state_) state_.emplace(make());
        return window_firing<State, no_key>{ref(), core::window_phase::done, &*state_};
    }
    template <class Make, class Use>
    void visit(Make&& make, Use&& use) {
        if (!state_) state_.emplace(make());
        use(*state_, ref(), nullptr);
    }
    static auto deadline() noexcept -> std::optional<window_clock::time_point> { return std::nullopt; }

private:
    static auto ref() noexcept -> window_ref { return {{core::window_kind::global, 0}, {}}; }

    std::optional<State> state_;
    bool is_closing_ = false;
};

/// Windows that follow on each other: what is done is handed out, and the next one begins empty.
template <class State>
class window_sequence {
public:
    explicit window_sequence(core::window_kind kind) noexcept : kind_(kind) {}

    template <class Make>
    auto open(Make& make) -> State& {
        if (!state_) state_.emplace(make());
        return *state_;
    }
    template <class Make>
    auto finish(Make& make) -> window_firing<State, no_key> {
        leaving_.reset();
        leaving_.emplace(std::move(open(make)));
        state_.reset();
        auto const window = ref();
        ++number_;
        return {window, core::window_phase::done, &*leaving_};
    }
    auto ref() const noexcept -> window_ref { return {{kind_, number_}, {}}; }

private:
    core::window_kind kind_;
    std::int64_t number_ = 0;
    std::optional<State> state_;
    std::optional<State> leaving_;
};

/// Every so many events.
template <class State>
class count_keeper {
public:
    using key_type = no_key;
    static constexpr bool is_timed = false;

    explicit count_keeper(std::size_t events) : count_(events, "flow::count_windows: events") {}

    static void begin(lane_core&) noexcept {}
    template <class In, class Make, class Use>
    auto add(In const&, Make&& make, Use&& use) -> bool {
        use(windows_.open(make), windows_.ref(), nullptr);
        is_full_ = count_.note();
        return true;
    }
    auto has_closed() const noexcept -> bool { return is_full_; }
    static void batch_over(lane_core&) noexcept {}
    static void pass(lane_core&) noexcept {}
    void close() noexcept { is_full_ = true; }
    template <class Make>
    auto next(Make&& make) -> std::optional<window_firing<State, no_key>> {
        if (!std::exchange(is_full_, false)) return std::nullopt;
        return windows_.finish(make);
    }
    template <class Make, class Use>
    void visit(Make&& make, Use&& use) {
        use(windows_.open(make), windows_.ref(), nullptr);
    }
    static auto deadline() noexcept -> std::optional<window_clock::time_point> { return std::nullopt; }

private:
    core::event_count count_;
    window_sequence<State> windows_{core::window_kind::count};
    bool is_full_ = false;
};

/// By the clock.
template <class State>
class periodic_keeper {
public:
    using key_type = no_key;
    static constexpr bool is_timed = true;

    explicit periodic_keeper(window_clock::duration period) : period_(period) {}

    void begin(lane_core& lane) { periods_.emplace(period_, lane.now(), "flow::periodic_windows: period"); }
    template <class In, class Make, class Use>
    auto add(In const&, Make&& make, Use&& use) -> bool {
        use(windows_.open(make), windows_.ref(), nullptr);
        return true;
    }
    static auto has_closed() noexcept -> bool { return false; }
    static void batch_over(lane_core&) noexcept {}
    void pass(lane_core& lane) noexcept { over_ += periods_->pass(lane.now()); }
    void close() noexcept { ++over_; }
    template <class Make>
    auto next(Make&& make) -> std::optional<window_firing<State, no_key>> {
        if (over_ == 0) return std::nullopt;
        --over_;
        return windows_.finish(make);
    }
    template <class Make, class Use>
    void visit(Make&& make, Use&& use) {
        use(windows_.open(make), windows_.ref(), nullptr);
    }
    auto deadline() const noexcept -> std::optional<window_clock::time_point> {
        return periods_ ? std::optional(periods_->end()) : std::nullopt;
    }

private:
    window_clock::duration period_;
    std::optional<core::periods> periods_;
    std::uint64_t over_ = 0;  // windows that are done and have not fired
    window_sequence<State> windows_{core::window_kind::periodic};
};

/// What event-time windows are made of, in ticks.
struct event_terms {
    core::watermark_options marks;
    ticks out_of_order = 0;
    bool goes_by_clock = false;  // something is to happen after some processing time
};

/// How far event time has come in a stage: by the greatest time in what each upstream has sent, batch by batch. Without
/// upstreams each event is a batch.
class SLUICE_API stage_watermark {
public:
    explicit stage_watermark(event_terms const& terms) : marks_(terms.marks), terms_(terms) {}

    void begin(lane_core& lane);
    /// What time it is, if that matters: an event of a source would else cost as much as the clock.
    auto now(lane_core const& lane) const -> window_clock::time_point {
        return terms_.goes_by_clock ? lane.now() : window_clock::time_point();
    }
    void note(ticks time) noexcept { greatest_ = std::max(greatest_, time); }
    /// After a batch, or to hear of upstreams that have ended.
    void batch_over(lane_core& lane);
    /// Nobody waits for what has not been received: who is silent lets go.
    void expire(lane_core& lane);
    auto combined() const noexcept -> ticks { return marks_.combined(); }
    /// Nobody holds anything back since now; asked after expire().
    auto falls_idle() noexcept -> bool { return marks_.all_idle() && !std::exchange(is_idle_, true); }
    /// The stage is about to wait. Who sent the last batch could not send another one before it was worked off and what
    /// came of it taken: his silence begins now.
    auto deadline(lane_core const& lane) -> std::optional<window_clock::time_point>;

private:
    void know(way_in const& in, window_clock::time_point now);

    core::watermarks marks_;
    event_terms terms_;
    ticks greatest_ = core::before_all;  // in the batch
    std::optional<std::size_t> last_from_;
    bool is_idle_ = false;
    std::size_t known_live_ = 0;
    std::vector<std::optional<subscriber_id>> ids_;
};

inline auto earlier(std::optional<window_clock::time_point> a, std::optional<window_clock::time_point> b) noexcept {
    return !a || (b && *b < *a) ? b : a;
}

/// What fixed and sliding windows and sessions have in common: `Windows` are core's.
template <class Windows>
class event_time_keeper {
public:
    static constexpr bool is_timed = true;

    void begin(lane_core& lane) {
        lane_ = &lane;
        is_source_ = !lane.input();
        time_.begin(lane);
    }
    auto has_closed() const noexcept -> bool { return is_source_; }
    void batch_over(lane_core& lane) {
        time_.batch_over(lane);
        windows_.advance(time_.combined(), time_.now(lane));
    }
    void pass(lane_core& lane) {
        if (lane.has_events()) return;
        time_.expire(lane);
        windows_.advance(time_.combined(), time_.now(lane));
        if (time_.falls_idle()) windows_.close_all(time_.now(lane));
    }
    void close() { windows_.advance(core::end_of_time, {}); }
    auto deadline() -> std::optional<window_clock::time_point> {
        return earlier(time_.deadline(*lane_), windows_.next_expiry());
    }

protected:
    event_time_keeper(Windows windows, event_terms const& terms) : windows_(std::move(windows)), time_(terms) {}

    template <class By, class In>
    auto time_of(By& by, In const& event) -> ticks {
        auto const time = core::clamp_time(core::to_ticks(std::invoke(by, event)));
        time_.note(time);
        return time;
    }

    Windows windows_;

private:
    stage_watermark time_;
    lane_core* lane_ = nullptr;
    bool is_source_ = false;
};

/// Fixed and sliding windows over event time.
template <class State, class By>
class event_window_keeper : public event_time_keeper<core::event_windows<State>> {
    using base = event_time_keeper<core::event_windows<State>>;
    using base::windows_;

public:
    using key_type = no_key;

    event_window_keeper(core::window_options const& windows, event_terms const& terms, By by)
        : base(core::event_windows<State>(windows), terms), by_(std::move(by)) {}

    template <class In, class Make, class Use>
    auto add(In const& event, Make&& make, Use&& use) -> bool {
        auto const made = [&](core::window_span const&) { return make(); };
        auto const used = [&](core::window_span const& span, State& state) { use(state, ref(span), nullptr); };
        return windows_.add(this->time_of(by_, event), made, used) != core::arrival::too_late;
    }
    template <class Make>
    auto next(Make&& make) -> std::optional<window_firing<State, no_key>> {
        auto const made = [&](core::window_span const&) { return make(); };
        auto const fires = windows_.next(made);
        if (!fires) return std::nullopt;
        return window_firing<State, no_key>{ref(fires->window), fires->phase, fires->state};
    }
    template <class Make, class Use>
    void visit(Make&& make, Use&& use) {
        auto const made = [&](core::window_span const&) { return make(); };
        windows_.visit(made, [&](core::window_span const& span, State& state) { use(state, ref(span), nullptr); });
    }

private:
    auto ref(core::window_span const& span) const noexcept -> window_ref {
        return {{windows_.grid().kind(), span.start}, span};
    }

    By by_;
};

/// Sessions.
template <class State, class Key, class By, class KeyFn, class Merge>
class session_keeper : public event_time_keeper<core::session_windows<Key, State, flow::key_hash>> {
    using sessions = core::session_windows<Key, State, flow::key_hash>;
    using base = event_time_keeper<sessions>;
    using base::windows_;

public:
    using key_type = Key;

    session_keeper(core::session_options const& options, event_terms const& terms, By by, KeyFn key, Merge merge)
        : base(sessions(options), terms), by_(std::move(by)), key_(std::move(key)), merge_(std::move(merge)) {}

    template <class In, class Make, class Use>
    auto add(In const& event, Make&& make, Use&& use) -> bool {
        auto const time = this->time_of(by_, event);
        auto const made = [&](core::window_span const&) { return make(); };
        auto const merged = [&](State& into, State&& from) { into.merge(merge_, std::move(from)); };
        auto const placed = windows_.add(std::invoke(key_, event), time, made, merged);
        if (placed.when == core::arrival::too_late) return false;
        use(*placed.state, ref(placed.window), placed.key);
        return true;
    }
    template <class Make>
    auto next(Make&&) -> std::optional<window_firing<State, Key>> {
        auto const fires = windows_.next();
        if (!fires) return std::nullopt;
        return window_firing<State, Key>{ref(fires->window), fires->phase, fires->state, fires->key};
    }
    template <class Make, class Use>
    void visit(Make&&, Use&& use) {
        windows_.visit([&](Key const& key, core::window_span const& span, State& state) {
            use(state, ref(span), std::addressof(key));
        });
    }

private:
    static auto ref(core::window_span const& span) noexcept -> window_ref {
        return {{core::window_kind::session, span.start}, span};
    }

    By by_;
    KeyFn key_;
    Merge merge_;
};

}  // namespace sluice::detail
