#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <sluice/detail/flow/window_gather.hpp>
#include <sluice/detail/flow/window_kinds.hpp>
#include <sluice/detail/flow/windowed.hpp>
#include <sluice/flow/event_window_options.hpp>
#include <sluice/flow/trigger.hpp>
#include <string>
#include <type_traits>
#include <utility>

// Windows cut what comes to a stage into parts, each of which is reduced by itself; triggers say when a window gives
// what it has. They stand in a layer before the reduction, and steps may stand between:
//
//     flow::from(requests)
//     | flow::partition({}, path_of)
//     | flow::fixed_windows(1s, time_of, {.lateness = 5s}) | flow::trigger_every(1000) | flow::late(note_late)
//     | flow::filter(is_error) | flow::reduce(0, count) | flow::on_trigger(to_row)
//
// Each window has an accumulator of its own, and steps of its own between it and the reduction: flow::uniq there knows
// the events of the window only. Without a step that says on_trigger or emit, a copy of the accumulator goes on when
// the window fires, and the accumulator itself when it is done. Without a window there is one, that of the whole flow.

namespace sluice::flow {

/// Windows of so much event time that follow on each other. The time of an event is `by(event const&)`: an integer, or
/// a time_point or duration of std::chrono that counts in integers.
///
/// A window closes when the watermark has passed it: when each stage before this one has sent an event of a later time,
/// has ended, or is idle. It looks at the watermark after each batch; events of a source in the same layer count one by
/// one. Windows without events fire too. An event whose window is closed goes to flow::late, or is counted as lost.
///
/// Order: windows fire in the order of time. Memory: the accumulators of the windows that are open; an event costs
/// O(log open windows), mostly O(1). Copies: none. At the run, throws errc::invalid_option if a length is no whole
/// number of the time's unit. Flow: `Flow.Window.fixed`, `allowed_lateness`.
///
/// @code
/// auto const f = flow::from(some) | flow::fixed_windows(1s, &request::at) | flow::reduce(0, count);
/// // how many there are in each second: 2, 2
/// @endcode
template <class By>
auto fixed_windows(std::chrono::nanoseconds size, By by, event_window_options const& options = {}) {
    detail::check_functions<By>();
    detail::check_length(size, "flow::fixed_windows: size");
    validate(options);
    return detail::window_closure(detail::event_window<By, false>{size, size, std::move(by), options},
                                  detail::length_text(size));
}

/// Windows of so much event time, of which one begins each `slide`: an event is in size / slide of them, and is copied
/// for each but one. `slide` is at most `size`. Order, and the rest, as fixed_windows. Memory: an accumulator for each
/// open window, and size / slide of them are open more. Dataflow model: sliding windows.
///
/// @code
/// auto const f = flow::from(some) | flow::sliding_windows(2s, 1s, &request::at) | flow::reduce(0, count);
/// // how many there are in two seconds, each second: 2, 4, 2
/// @endcode
template <class By>
auto sliding_windows(std::chrono::nanoseconds size, std::chrono::nanoseconds slide, By by,
                     event_window_options const& options = {}) {
    detail::check_functions<By>();
    detail::check_length(size, "flow::sliding_windows: size");
    detail::check_length(slide, "flow::sliding_windows: slide");
    detail::check_slide(slide, size);
    validate(options);
    return detail::window_closure(detail::event_window<By, true>{size, slide, std::move(by), options},
                                  detail::length_text(size) + " each " + detail::length_text(slide));
}

/// For each key, windows of events that are less than `gap` apart in event time: sessions. A session closes when the
/// watermark has passed its last event by the gap. When an event joins two sessions, `merge(accumulator&,
/// accumulator&&)` puts the later one into the earlier one; of steps between here and the reduction that remember
/// something, those of the earlier one go on.
///
/// Sessions are those of a stage: put flow::partition with the same key before. on_trigger is told the key.
/// Order: sessions fire as the watermark makes them, over all keys. Memory: the accumulators of open sessions. Copies:
/// of each key one. The rest as fixed_windows. Dataflow model: sessions.
///
/// @code
/// auto const f = flow::from(some) | flow::partition({.stages = 2}, &request::user) |
///                flow::session_windows(1s, &request::at, &request::user, add) | flow::reduce(0, count);
/// // how many there are in each visit of a user: 1 of bob, and 1 and 2 of ann, who was away for a second
/// @endcode
template <class By, class Key, class Merge>
auto session_windows(std::chrono::nanoseconds gap, By by, Key key, Merge merge,
                     event_window_options const& options = {}) {
    detail::check_functions<By, Key, Merge>();
    detail::check_length(gap, "flow::session_windows: gap");
    validate(options);
    return detail::window_closure(
        detail::session_window<By, Key, Merge>{gap, std::move(by), std::move(key), std::move(merge), options},
        "gap " + detail::length_text(gap));
}

/// Windows of so many events each, in each stage. The last one, which may be empty, is done at the end. At least 1.
/// Order: one after the other. Memory: one accumulator. Copies: none. Flow: `Flow.Window.count`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 8)) | flow::count_windows(3) | flow::reduce(0, add);  // 6, 15, 7
/// @endcode
inline auto count_windows(std::size_t events) {
    detail::check_count(events, "flow::count_windows: events");
    return detail::window_closure(detail::count_window(events), std::to_string(events));
}

/// Windows of so much processing time, from the beginning of the run, in each stage; by the clock of the executor's
/// context. Those without events fire too. More than zero. Order: one after the other. Memory: one accumulator. Copies:
/// none. Flow: `Flow.Window.periodic`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 8)) | flow::periodic_windows(1h) | flow::reduce(0, add);
/// // 28: all of it came within an hour
/// @endcode
inline auto periodic_windows(std::chrono::nanoseconds period) {
    detail::check_length(period, "flow::periodic_windows: period");
    return detail::window_closure(detail::periodic_window(period), detail::length_text(period));
}

/// The window of the whole flow, which there is without saying so too. Order: that of arrival. Memory: one accumulator.
/// Copies: none. Flow: `Flow.Window.global`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 8)) | flow::global_window() | flow::trigger_every(3) |
///                flow::reduce(0, add);  // 6, 21, 28
/// @endcode
inline auto global_window() { return detail::window_closure(detail::global_windows(), {}); }

/// A window fires after every so many of its events, too; counted as they come to the window, before steps between it
/// and the reduction. At least 1. Of this and trigger_when a window has one. Order: it fires before anything that comes
/// behind the event. Memory: a number a window. Copies: none of events. Flow: `trigger_every`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 8)) | flow::trigger_every(3) | flow::reduce(0, add);  // 6, 21, 28
/// @endcode
inline auto trigger_every(std::size_t events) {
    detail::check_count(events, "flow::trigger_every: events");
    return detail::trigger_closure(detail::every_trigger{events}, std::to_string(events));
}

/// All open windows of a stage fire every so much processing time, too, from the oldest to the newest. There may be
/// several of these. More than zero. Order: windows that are over fire first. Memory: what all open windows give at
/// once. Copies: none of events. Flow: `trigger_periodically`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 8)) | flow::trigger_periodically(1h) | flow::reduce(0, add);
/// // the sum so far each hour, and 28 at the end
/// @endcode
template <class Rep, class Period>
auto trigger_periodically(std::chrono::duration<Rep, Period> period) {
    auto const length = std::chrono::duration_cast<std::chrono::nanoseconds>(period);
    detail::check_length(length, "flow::trigger_periodically: period");
    return detail::trigger_closure(detail::periodic_trigger(length, trigger_name::periodically(period)),
                                   detail::length_text(length));
}

/// A window fires where a function says so, under a name: `fn(state&, event const&)` is asked about each event as it
/// comes to the window, and returns a punctuate_at. Each window has a state of its own; `init` is where that begins, as
/// with reduce; when sessions join, the earlier one's goes on. Order: where it says. Memory: a state a window. Copies:
/// none of events. Flow: `trigger`.
///
/// @code
/// auto const at_multiples_of_3 = [](int&, int i) {
///     return i % 3 == 0 ? flow::punctuate_at::after : flow::punctuate_at::nothing;
/// };
/// auto const f = flow::from(std::views::iota(1, 8)) | flow::trigger_when("three", 0, at_multiples_of_3) |
///                flow::reduce(0, add);  // 6, 21, 28
/// @endcode
template <class Init, class Fn>
auto trigger_when(std::string name, Init init, Fn fn) {
    detail::check_functions<Init, Fn>();
    auto label = name;
    return detail::trigger_closure(
        detail::punctuating_trigger<Init, Fn>{trigger_name::named(std::move(name)), std::move(init), std::move(fn)},
        std::move(label));
}

/// Behind a window: `fn(event)` gets the events that are too late for all of their windows, which else are counted as
/// lost and logged. It runs in the stage, so in several at once if there are several. Order: as they come. Memory:
/// none. Copies: none.
///
/// @code
/// requests const disordered{{100, "ann"}, {1200, "bob"}, {400, "ann"}};
/// std::vector<std::string> came_late;
/// auto const f = flow::from(disordered) | flow::fixed_windows(1s, &request::at) |
///                flow::late([&came_late](request const& r) { came_late.push_back(r.user); }) | flow::reduce(0, count);
/// // 1, 1; and the second request of ann came late
/// @endcode
template <class Fn>
auto late(Fn fn) {
    detail::check_functions<Fn>();
    return detail::close_over(detail::late_step<Fn>{{}, std::move(fn)});
}

/// Behind a reduction: what goes on when a window fires. `fn(accumulator&, trigger_info const&)` returns a range whose
/// elements go on, or a std::pair of one and of the accumulator with which the window goes on. It may also change the
/// accumulator in place; what it leaves is what the window goes on with, so to keep it is to leave it alone. Of
/// sessions it may take the key too: `fn(accumulator&, trigger_info const&, key const&)`. And fn(accumulator&) will do.
///
/// Order: of the range. Memory: the events of one firing. Copies: of what a view or a reference shows. Flow:
/// `on_trigger`.
///
/// @code
/// auto const row = [](int& n, flow::trigger_info const& at) {
///     return std::vector{std::to_string(at.window.number) + " ms: " + std::to_string(n)};
/// };
/// auto const f = flow::from(some) | flow::fixed_windows(1s, &request::at) | flow::reduce(0, count) |
///                flow::on_trigger(row);  // "0 ms: 2", "1000 ms: 2"
/// @endcode
template <class Fn>
auto on_trigger(Fn fn) {
    detail::check_functions<Fn>();
    return detail::close_over(detail::give_step<detail::give_by_function<Fn>>{{std::move(fn)}});
}

/// What flow::emit may say.
inline constexpr detail::give_events events{};    ///< The elements of the accumulator, which is a range.
inline constexpr detail::give_state state{};      ///< The accumulator; what a reduction does by itself.
inline constexpr detail::give_nothing nothing{};  ///< Nothing: the reduction is for its effects.

/// Behind a reduction: what goes on when a window fires, in a word: `flow::emit(flow::events)`. Order: of the range.
/// Memory: the events of one firing. Copies: what goes on is copied, and moved when the window is done. Flow: `emit`.
///
/// @code
/// auto const append = [](numbers& all, int i) { all.push_back(i); };
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::reduce(numbers(), append) | flow::emit(flow::events);
/// // 1, 2, 3, where without it the vector is one event
/// @endcode
template <class Give>
auto emit(Give what) {
    static_assert(std::same_as<Give, detail::give_events> || std::same_as<Give, detail::give_state> ||
                      std::same_as<Give, detail::give_nothing>,
                  "flow::emit takes flow::events, flow::state or flow::nothing.");
    return detail::close_over(detail::give_step<Give>{what});
}

}  // namespace sluice::flow
