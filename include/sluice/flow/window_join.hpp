#pragma once

#include <sluice/detail/flow/window_join.hpp>
#include <sluice/flow/join.hpp>
#include <sluice/flow/windows.hpp>
#include <tuple>
#include <utility>

namespace sluice::flow {

/// Begins a layer with the pairs of events of two flows whose keys are equal and which are in the same window: as
/// flow::bounded_join, but for flows that need not end. `window` is a window of flow/windows.hpp, behind which
/// flow::late may stand: `flow::fixed_windows(1min, time_of)`. Its time function is asked about the events of both
/// sides, so it is overloaded or generic if they differ; flow::late gets a std::variant of the two.
///
/// @code
/// auto const wait = [](request const& asked, request const& answered) { return answered.at - asked.at; };
/// auto const f = flow::window_join(flow::join_kind::inner, flow::from(some), flow::from(answers),
///                                  flow::fixed_windows(1s, &request::at), &request::user, &request::user, wait);
/// // 200 in the first second; 700 and 600 in the next
/// @endcode
///
/// `fn(l, r)` for each pair, as soon as the second of the two has come; with kind left, right or full also `fn(l,
/// nothing)`, `fn(nothing, r)` when the window is done, for those that have found no partner in it. A pair that is in
/// several sliding windows comes out of each.
///
/// Order: none within a window. Memory: the events of the open windows, of each at most max_buffered a stage. Copies:
/// none; of sliding windows as those. See map for what holds of every function. Throws errc::invalid_option.
/// Flow: `window_join`.
template <class Left, class Right, class... Window, class LeftKey, class RightKey, class Fn>
auto window_join(join_kind kind, Left const& left, Right const& right, closure<Window...> const& window,
                 LeftKey left_key, RightKey right_key, Fn fn, join_options const& options = {}) {
    using l = typename Left::event_type;
    using r = typename Right::event_type;
    detail::check_join<Left, Right, LeftKey, RightKey, Fn>();
    static_assert((detail::window_part<Window> && ...),
                  "flow::window_join: the window must be one of flow/windows.hpp, which flow::late may follow.");
    static_assert((!detail::is_part_of_kind<detail::part_kind::trigger, Window> && ...),
                  "flow::window_join: a join has no triggers; its pairs come out at once.");
    using keys = detail::join_keys<l, r, LeftKey, RightKey, key_hash>;
    validate(options);
    if (!detail::joins_optionals<Fn, l, r> && kind != join_kind::inner) detail::throw_needs_optionals();
    keys const both{std::move(left_key), std::move(right_key), key_hash()};
    auto const parts =
        std::apply([](auto const&... each) { return std::tuple(detail::part_of_sides(each)...); }, window.steps());
    auto const layer = detail::join_sides(left, right, both, options).with_steps(parts);
    return detail::close_window(
        layer, detail::window_join_step<l, r, keys, Fn>{{}, both, std::move(fn), kind, options.max_buffered});
}

}  // namespace sluice::flow
