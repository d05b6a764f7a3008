#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/join.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/flow/steps.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sluice::flow {

/// How the layer of a join is made.
struct join_options {
    /// As how many stages it runs; equal keys meet in one. 1 to 4096. Default: the threads that the executor has.
    std::optional<std::size_t> stages = std::nullopt;
    /// As subscribe_options, towards each stage of both sides.
    std::size_t max_demand = 4000;
    /// As subscribe_options, towards each stage of both sides.
    std::optional<std::size_t> min_demand = std::nullopt;
    /// How many events of both sides a stage keeps at most, of flow::window_join for each window; one more ends the
    /// flow with errc::join_full. At least 1.
    std::size_t max_buffered = 10'000'000;
};
static_assert(std::is_trivially_destructible_v<join_options>);

/// Throws system_error(errc::invalid_option), which names the member.
SLUICE_API void validate(join_options const& options);

}  // namespace sluice::flow

namespace sluice::detail {

template <class Left, class Right, class LeftKey, class RightKey, class Fn>
constexpr auto check_join() {
    static_assert(is_pipeline<Left> && is_pipeline<Right>,
                  "flow::bounded_join, flow::window_join: both sides must be flows with a source and without a sink.");
    using l = typename Left::event_type;
    using r = typename Right::event_type;
    static_assert(
        std::invocable<LeftKey&, l const&> && std::invocable<RightKey&, r const&>,
        "flow::bounded_join, flow::window_join: each key function must take the event of its side by const&.");
    using keys = join_keys<l, r, LeftKey, RightKey, flow::key_hash>;
    static_assert(std::same_as<typename keys::key, key_of<RightKey, r>>,
                  "flow::bounded_join, flow::window_join: the keys of both sides must have the same type.");
    static_assert(has_std_hash<typename keys::key> && std::equality_comparable<typename keys::key>,
                  "flow::bounded_join, flow::window_join: the key must have == and std::hash.");
    static_assert(joins_optionals<Fn, l, r> || joins_values<Fn, l, r>,
                  "flow::bounded_join, flow::window_join: the function must take std::optional<L> const& and "
                  "std::optional<R> const&, where "
                  "L and R are the events of the two sides; or, for an inner join, L const& and R const&.");
    static_assert(std::copy_constructible<LeftKey> && std::copy_constructible<RightKey> && std::copy_constructible<Fn>,
                  "flow::bounded_join, flow::window_join: key functions and function must be copyable, because each "
                  "stage has copies.");
}

/// The layer of a join, to which both sides come by key.
template <class Left, class Right, class Keys>
auto join_sides(Left const& left, Right const& right, Keys const& keys, flow::join_options const& options) {
    using l = typename Left::event_type;
    using r = typename Right::event_type;
    auto tagged_left = left.with(map_step<join_side<l, r, 0>>{{}, {}});
    auto tagged_right = right.with(map_step<join_side<l, r, 1>>{{}, {}});
    using origin = joined<decltype(tagged_left), decltype(tagged_right), Keys, flow::join_options>;
    return flow::pipeline<origin>(origin(std::move(tagged_left), std::move(tagged_right), keys, options),
                                  std::tuple<>());
}

}  // namespace sluice::detail

namespace sluice::flow {

/// Begins a layer with the pairs of events of two flows that end, whose keys are equal: `fn(l, r)` for each pair, as
/// soon as the second of the two has come. With kind left, right or full also `fn(l, nothing)`, `fn(nothing, r)`, at
/// the end, for those that have found no partner.
///
/// @code
/// auto const row = [](std::optional<std::string> const& name, std::optional<order> const& o) {
///     return *name + ": " + (o ? std::to_string(o->amount) : "nothing");
/// };
/// auto const f = flow::bounded_join(flow::join_kind::left, flow::from(names), flow::from(some), std::identity(),
///                                   &order::customer, row);
/// // "ann: 30", "ann: 40" and "bob: nothing", in any order
/// @endcode
///
/// `left_key(event const&)` and `right_key(event const&)` give keys of one type, which has == and std::hash. `fn` takes
/// a `std::optional` of each side's event by const&; for an inner join it may take the events themselves by const&.
/// Order: none. Memory: all events of both sides, max_buffered of them a stage at most. Copies: none.
/// See map for what holds of every function. Throws errc::invalid_option. Flow: `bounded_join`.
template <class Left, class Right, class LeftKey, class RightKey, class Fn>
auto bounded_join(join_kind kind, Left const& left, Right const& right, LeftKey left_key, RightKey right_key, Fn fn,
                  join_options const& options = {}) {
    using l = typename Left::event_type;
    using r = typename Right::event_type;
    detail::check_join<Left, Right, LeftKey, RightKey, Fn>();
    using keys = detail::join_keys<l, r, LeftKey, RightKey, key_hash>;
    validate(options);
    if (!detail::joins_optionals<Fn, l, r> && kind != join_kind::inner) detail::throw_needs_optionals();
    keys const both{std::move(left_key), std::move(right_key), key_hash()};
    using step = detail::join_step<l, r, keys, Fn>;
    return detail::join_sides(left, right, both, options).with(step{both, std::move(fn), kind, options.max_buffered});
}

}  // namespace sluice::flow
