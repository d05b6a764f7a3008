#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <sluice/flow/exchange.hpp>
#include <sluice/flow/graph.hpp>
#include <sluice/flow/pipeline.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// Several flows side by side. Their stages are those of one layer; there is none of its own.
template <class First, class... Rest>
class merged {
public:
    using event_type = typename First::event_type;
    static constexpr bool is_direct = true;
    static constexpr bool is_stage = true;

    explicit merged(First const& first, Rest const&... rest) : flows_(first, rest...) {}

    auto emitters(flow_builder& b, std::size_t batch) const -> outlet_list<event_type> {
        outlet_list<event_type> all;
        for_each([&](auto const& flow) { append(all, flow.emitters(b, batch)); });
        return all;
    }
    template <class Key, class Hash>
    auto partitions(flow_builder& b, Key const& key, Hash const& hash, std::size_t count, std::size_t batch) const
        -> std::vector<outlet_list<event_type>> {
        std::vector<outlet_list<event_type>> all(count);
        for_each([&](auto const& flow) {
            auto const more = flow.partitions(b, key, hash, count, batch);
            for (std::size_t i = 0; i < count; ++i) append(all[i], more[i]);
        });
        return all;
    }
    void effects(flow_builder& b) const {
        for_each([&](auto const& flow) { flow.effects(b); });
    }
    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        subscribe_options const options;
        for (auto* out : emitters(b, batch_size(options))) {
            visit(inlet_feed<event_type>(), sources<event_type>(source<event_type>(*out, options)));
        }
    }
    auto draw(flow::graph& g) const -> std::size_t {
        std::vector<std::size_t> from;
        for_each([&](auto const& flow) { from.push_back(flow.draw(g)); });
        return g.join(from);
    }

private:
    static void append(outlet_list<event_type>& to, outlet_list<event_type> const& more) {
        to.insert(to.end(), more.begin(), more.end());
    }
    template <class Fn>
    void for_each(Fn const& fn) const {
        std::apply([&](auto const&... each) { (fn(each), ...); }, flows_);
    }

    std::tuple<First, Rest...> flows_;
};

}  // namespace sluice::detail

namespace sluice::flow {

/// Several flows as one: what comes out of each, in no order between them. Their events are of one type. Steps behind
/// it run in a stage for each stage of the flows; put flow::shuffle or flow::partition there to bring the flows
/// together, at no more cost than behind a single one:
///
/// @code
/// auto const all = flow::merge(orders, returns) | flow::partition() | flow::uniq();
/// @endcode
///
/// Ends when all of the flows have ended; a failure of one ends all. Order: kept within a stage.
/// Memory: 1000 events from each stage to the steps behind. Copies: none. Flow: `merge`.
template <description First, description... Rest>
auto merge(First const& first, Rest const&... rest) {
    constexpr bool are_flows = detail::is_pipeline<First> && (detail::is_pipeline<Rest> && ...);
    static_assert(are_flows, "flow::merge takes flows that begin with a source and do not end in flow::sink.");
    if constexpr (are_flows) {
        constexpr bool are_alike = (std::same_as<typename First::event_type, typename Rest::event_type> && ...);
        static_assert(are_alike,
                      "flow::merge: what comes out of the flows must be of one type. Put flow::map behind those that "
                      "differ.");
        if constexpr (are_alike) {
            using origin = detail::merged<First, Rest...>;
            return pipeline<origin>(origin(first, rest...), std::tuple<>());
        } else {
            return first;
        }
    } else {
        return first;
    }
}

}  // namespace sluice::flow
