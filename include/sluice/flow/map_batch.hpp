#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <sluice/batch.hpp>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/step_nodes.hpp>
#include <sluice/options.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

template <class Fn, class In>
concept batch_function =
    std::invocable<Fn&, batch<In>> && std::ranges::input_range<std::invoke_result_t<Fn&, batch<In>>>;

template <class Fn>
struct map_batch_step : fused_step<map_batch_step<Fn>> {
    static constexpr char const* kind = "map_batch";
    static constexpr bool takes_batches = true;
    static constexpr bool is_stateless = true;

    template <class In>
    struct on {
        static_assert(batch_function<Fn, In>,
                      "flow::map_batch: the function must take a sluice::batch of the events that reach it, by value, "
                      "const& or &&, and return a range of events.");
        template <class F>
        static auto result() {
            if constexpr (batch_function<F, In>) {
                return std::type_identity<
                    std::ranges::range_value_t<std::remove_reference_t<std::invoke_result_t<F&, batch<In>>>>>();
            } else {
                return std::type_identity<In>();
            }
        }
        using out = typename decltype(result<Fn>())::type;
    };

    template <class In, class Next>
    auto node(Next next) const -> batch_node<In, Fn, Next> {
        return {fn, batch_size(subscribe_options()), std::move(next)};
    }
    template <class Flow>
    auto attach(Flow const& flow) const {
        static_assert(Flow::has_only_batches,
                      "flow::map_batch stands at the beginning of a layer: behind the source, flow::partition or "
                      "flow::shuffle. Steps before it take events one by one, and leave no batches.");
        if constexpr (Flow::has_only_batches) {
            return flow.with(*this);
        } else {
            return flow;
        }
    }

    Fn fn;
};

}  // namespace sluice::detail

namespace sluice::flow {

/// A step at the beginning of a layer that makes of each batch of events the elements of the range `fn(batch)`, which
/// may be the changed batch, another container or a view of what lives on elsewhere; of any length. For what is cheaper
/// by the batch: one query for all, sums beforehand. Several of them work in order, each on all that the one before has
/// made of a batch.
///
/// @code
/// auto const f = flow::from(std::views::iota(0, 1200)) |
///                flow::map_batch([](sluice::batch<int> const& all) { return std::vector{all.size()}; });
/// // 500, 500, 200
/// @endcode
///
/// A batch is what came from a stage of the layer before: at most max_demand - min_demand events, fewer when that one
/// was slow or at its end. Behind a source with its steps in the same stage (a range, a function, lines) it is 500
/// events, the last one what is left; of a source that would wait, what there is. Order: kept within a stage. Memory: a
/// batch and its range. Copies: as with flat_map. Flow: `map_batch`.
template <class Fn>
auto map_batch(Fn&& fn) {
    detail::check_functions<std::decay_t<Fn>>();
    return detail::close_over(detail::map_batch_step<std::decay_t<Fn>>{{}, std::forward<Fn>(fn)});
}

}  // namespace sluice::flow
