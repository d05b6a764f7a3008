#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/key_nodes.hpp>
#include <sluice/flow/exchange.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::flow {

/// How flow::reduce_by_key and flow::count_by work. The first three are those of the exchange.
struct reduce_by_key_options {
    /// As exchange_options::stages.
    std::optional<std::size_t> stages = std::nullopt;
    /// As exchange_options::max_demand.
    std::size_t max_demand = 4000;
    /// As exchange_options::min_demand.
    std::optional<std::size_t> min_demand = std::nullopt;
    /// Whether the stages before the exchange put together what they can. Default: yes. The answers are the same; the
    /// events that are exchanged are as many as without it only if hardly a key comes twice.
    bool combine = true;
    /// For how many keys at once each of those stages does so, at least 1. When there is one more, it sends what it
    /// has, and begins anew. Memory: twice as many keys and accumulators a stage.
    std::size_t combine_keys = 4096;
};
static_assert(std::is_trivially_destructible_v<reduce_by_key_options>);

/// Throws system_error(errc::invalid_option), which names the member.
SLUICE_API void validate(reduce_by_key_options const& options);

}  // namespace sluice::flow

namespace sluice::detail {

template <class Key, class Value>
struct group_folding;  // see detail/flow/windowed.hpp

template <class Key, class Value>
struct group_by_step : reduction_step<group_by_step<Key, Value>> {
    static constexpr char const* kind = "group_by";
    static constexpr bool is_window_reduction = true;
    using fold = group_fold<Key, Value>;

    template <class In>
    struct on {
        static constexpr bool fits = table_key<Key, In> && event_function<Value, In>;
        static_assert(fits,
                      "flow::group_by: the key function must take the event that reaches it by const&, and its result "
                      "be a key for a hash table: copyable, with std::hash and ==; the value function must take the "
                      "event by value, const& or &&.");
        template <class F>
        static auto result() {
            if constexpr (fits) {
                using key = typename F::template key_type<In>;
                return std::type_identity<std::pair<key, typename F::template value_type<In>>>();
            } else {
                return std::type_identity<In>();
            }
        }
        using out = typename decltype(result<fold>())::type;
    };

    template <class In, class Next>
    auto node(Next next) const -> by_key_node<In, fold, Next> {
        return {fold{key, value}, std::numeric_limits<std::size_t>::max(), std::move(next)};
    }
    auto in_window() const { return group_folding<Key, Value>{key, value}; }

    Key key;
    Value value;
};

/// Before the exchange of reduce_by_key.
template <class Key, class Init, class Fn>
struct combine_step : fused_step<combine_step<Key, Init, Fn>> {
    static constexpr char const* kind = "combine";
    using fold = combine_fold<Key, Init, Fn>;

    template <class In>
    struct on {
        using out = std::pair<key_of<Key, In>, accumulator_of<Init>>;
    };

    template <class In, class Next>
    auto node(Next next) const -> by_key_node<In, fold, Next> {
        return {fold{key, init, fn}, most_keys, std::move(next)};
    }

    Key key;
    Init init;
    Fn fn;
    std::size_t most_keys;
};

/// Behind it.
template <class Merge>
struct merge_by_key_step : fused_step<merge_by_key_step<Merge>> {
    static constexpr bool is_reduction = true;

    template <class In>
    struct on {
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> by_key_node<In, merge_fold<Merge>, Next> {
        return {merge_fold<Merge>{merge}, std::numeric_limits<std::size_t>::max(), std::move(next)};
    }

    Merge merge;
    char const* kind;
};

struct first_of_pair {
    template <class Pair>
    auto operator()(Pair const& pair) const -> auto const& {
        return pair.first;
    }
};

template <class Key, class Init, class Fn, class Merge>
struct reduce_by_key_step {
    static constexpr bool is_sink = false;
    using accumulator = accumulator_of<Init>;

    template <class In>
    static constexpr auto check() -> bool {
        constexpr bool has_key = table_key<Key, In>;
        constexpr bool folds = std::invocable<Fn&, accumulator&, In>;
        constexpr bool merges = std::invocable<Merge&, accumulator&, accumulator>;
        static_assert(has_key,
                      "flow::reduce_by_key, flow::count_by: the key function must take the event that reaches it by "
                      "const&, and its result be a key for a hash table: copyable, with std::hash and ==.");
        static_assert(folds, "flow::reduce_by_key: the function must be callable as fn(accumulator&, event).");
        static_assert(merges,
                      "flow::reduce_by_key: the merge function must be callable as merge(accumulator&, accumulator).");
        return has_key && folds && merges;
    }

    template <class Flow>
    auto attach(Flow const& flow) const {
        if constexpr (check<typename Flow::event_type>()) {
            auto const keys = options.combine ? options.combine_keys : 0;
            auto const shown = options.combine ? std::to_string(keys) + " keys" : std::string("off");
            combine_step<Key, Init, Fn> const before{{shown}, key, init, fn, keys};
            partition_step<first_of_pair, flow::key_hash> const exchange{
                {options.stages, options.max_demand, options.min_demand}, {}, {}};
            return exchange.attach(flow.with(before)).with(merge_by_key_step<Merge>{{label}, merge, kind});
        } else {
            return flow;
        }
    }

    char const* kind;
    flow::reduce_by_key_options options;
    Key key;
    Init init;
    Fn fn;
    Merge merge;
    std::string label = {};
};

struct count_one {
    template <class T>
    void operator()(std::size_t& count, T const&) const noexcept {
        ++count;
    }
};
struct add_counts {
    void operator()(std::size_t& count, std::size_t more) const noexcept { count += more; }
};
struct first_part {
    template <class T>
    auto operator()(T const& event) const -> auto const& {
        return std::get<0>(event);
    }
};
struct second_part {
    template <class T>
    auto operator()(T&& event) const {
        return std::get<1>(std::forward<T>(event));
    }
};

}  // namespace sluice::detail

namespace sluice::flow {

/// A reduction that gathers the values of each key: at the end of each stage std::pair<Key, std::vector<Value>> go on,
/// one for each key, in the order in which the keys came. The key of an event is `key(event const&)`, which needs
/// std::hash and ==; the value is `value(event)`, by default the event.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 7)) | flow::group_by([](int i) { return i % 2; });
/// // {1, {1, 3, 5}} and {0, {2, 4, 6}}
/// @endcode
///
/// Groups are those of a stage. For the groups of the whole flow put flow::partition with the same key before it.
/// Order: of the values of a key, that of arrival. Memory: all events of a stage, without bound. Copies: of each key
/// one, of values none. Flow: `group_by`.
template <class Key, class Value = std::identity>
auto group_by(Key&& key, Value&& value = {}) {
    using step = detail::group_by_step<std::decay_t<Key>, std::decay_t<Value>>;
    detail::check_functions<std::decay_t<Key>, std::decay_t<Value>>();
    return detail::close_over(step{{}, std::forward<Key>(key), std::forward<Value>(value)});
}

/// The same for events that are pairs of a key and a value. Flow: `group_by_key`.
///
/// @code
/// auto const f = flow::from(some) | flow::group_by_key();  // {"ann", {3, 4}} and {"bob", {5}}
/// @endcode
inline auto group_by_key() { return group_by(detail::first_part(), detail::second_part()); }

/// Begins a layer, as flow::partition does, in which the events of each key are put into an accumulator of the key's
/// own: `fn(accumulator&, event)`. At the end std::pair<Key, Accumulator> go on, each key once in the whole flow.
///
/// @code
/// auto const add = [](int& sum, order const& o) { sum += o.amount; };
/// auto const merge = [](int& sum, int more) { sum += more; };
/// auto const f = flow::from(some) | flow::reduce_by_key(&order::customer, 0, add, merge);
/// // {"ann", 7} and {"bob", 5}, in any order
/// @endcode
///
/// Each stage before the exchange already puts events together, in a table for so many keys (see
/// reduce_by_key_options), and sends what it has when the table is full, and at the end; `merge(accumulator&,
/// accumulator)` puts the second one into the first. So few events are exchanged, and merge must not care in which
/// order events came. `init` is where each accumulator begins, as with reduce; it may begin several times a key, so it
/// must be neutral: 0 for a sum. describe() shows the table.
///
/// Order: in each stage, that in which the keys came to it. Memory: all keys with their accumulators; before the
/// exchange, as the options say. Copies: of each key one a stage, of events none. Spark: `aggregateByKey`.
/// Throws errc::invalid_option.
template <class Key, class Init, class Fn, class Merge>
auto reduce_by_key(Key&& key, Init&& init, Fn&& fn, Merge&& merge, reduce_by_key_options const& options = {}) {
    using step =
        detail::reduce_by_key_step<std::decay_t<Key>, std::decay_t<Init>, std::decay_t<Fn>, std::decay_t<Merge>>;
    validate(options);
    detail::check_functions<std::decay_t<Key>, std::decay_t<Init>, std::decay_t<Fn>, std::decay_t<Merge>>();
    return detail::close_over(step{"reduce_by_key", options, std::forward<Key>(key), std::forward<Init>(init),
                                   std::forward<Fn>(fn), std::forward<Merge>(merge)});
}

/// How many events there are of each key: at the end std::pair<Key, std::size_t> go on, each key once in the whole
/// flow. The rest as reduce_by_key. Memory: all keys. Copies: of each key one a stage. Elixir: `Enum.frequencies_by`.
///
/// @code
/// auto const f = flow::from(fruits) | flow::count_by();  // {"fig", 2} and {"plum", 1}, in any order
/// @endcode
template <class Key = std::identity>
auto count_by(Key&& key = {}, reduce_by_key_options const& options = {}) {
    using step = detail::reduce_by_key_step<std::decay_t<Key>, std::size_t, detail::count_one, detail::add_counts>;
    validate(options);
    detail::check_functions<std::decay_t<Key>>();
    return detail::close_over(step{"count_by", options, std::forward<Key>(key), 0, {}, {}});
}

}  // namespace sluice::flow
