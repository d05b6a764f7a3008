#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/flow/key_hash.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/options.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::flow {

/// How the layer behind a partition or a shuffle is made.
struct exchange_options {
    /// As how many stages it runs, 1 … 4096. Default: as there are threads (of a sluice::thread_pool; of any other
    /// executor the machine's).
    std::optional<std::size_t> stages = std::nullopt;
    /// How many events each of its stages may have asked for of each stage before it; see subscribe_options. Larger by
    /// default than between two stages: a stage that only counts would else sleep and be woken every 10 microseconds.
    /// It is all the buffer that there is between two layers: a stage waits with what nobody has asked for.
    std::size_t max_demand = 4000;
    /// 0 … max_demand - 1, default half of max_demand. Events travel in batches of max_demand - min_demand.
    std::optional<std::size_t> min_demand = std::nullopt;
};
static_assert(std::is_trivially_destructible_v<exchange_options>);

/// Throws system_error(errc::invalid_option), which names the member.
SLUICE_API void validate(exchange_options const& options);

}  // namespace sluice::flow

namespace sluice::detail {

template <class Options>
auto exchange_demand(Options const& options) -> subscribe_options {
    subscribe_options result;
    result.max_demand = options.max_demand;
    result.min_demand = options.min_demand;
    return result;
}

template <class Options>
auto exchange_node(flow::graph& g, std::size_t from, Options const& options, char const* kind, std::string const& label)
    -> std::size_t {
    auto const at = g.add(options.stages ? options.stages : g.threads());
    g.connect(from, at, label.empty() ? std::string(kind) : kind + (": " + label), false);
    return at;
}

/// A layer behind a partition.
template <class Before, class Step>
class partitioned {
public:
    using event_type = typename Before::event_type;
    static constexpr bool is_direct = false;
    static constexpr bool is_stage = false;

    partitioned(Before before, Step step) : before_(std::move(before)), step_(std::move(step)) {}

    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        auto const demand = exchange_demand(step_.options);
        auto const stages = step_.options.stages.value_or(b.default_stages());
        for (auto const& each : before_.partitions(b, step_.key, step_.hash, stages, batch_size(demand))) {
            visit(inlet_feed<event_type>(), subscriptions(each, demand));
        }
    }
    auto name() const -> std::string const& { return step_.label; }
    auto draw(flow::graph& g) const -> std::size_t {
        return exchange_node(g, before_.draw(g), step_.options, "partition", step_.label);
    }

private:
    Before before_;
    Step step_;
};

/// A layer behind a shuffle.
template <class Before>
class shuffled {
public:
    using event_type = typename Before::event_type;
    static constexpr bool is_direct = false;
    static constexpr bool is_stage = false;
    static constexpr bool is_even = true;

    shuffled(Before before, flow::exchange_options const& options, std::string label)
        : before_(std::move(before)), options_(options), label_(std::move(label)) {}

    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        auto const demand = exchange_demand(options_);
        auto const all = subscriptions(before_.emitters(b, batch_size(demand)), demand);
        auto const stages = options_.stages.value_or(b.default_stages());
        for (std::size_t i = 0; i < stages; ++i) visit(inlet_feed<event_type>(), all);
    }
    auto name() const -> std::string const& { return label_; }
    auto draw(flow::graph& g) const -> std::size_t {
        return exchange_node(g, before_.draw(g), options_, "shuffle", label_);
    }

private:
    Before before_;
    flow::exchange_options options_;
    std::string label_;
};

template <class Key, class Hash>
struct partition_step {
    static constexpr bool is_sink = false;

    template <class T>
    static constexpr auto check() -> bool {
        static_assert(std::invocable<Key&, T const&>,
                      "flow::partition: the key function must take the event that reaches it by const&.");
        if constexpr (std::invocable<Key&, T const&>) {
            using key_type = key_of<Key, T>;
            if constexpr (std::same_as<Hash, flow::key_hash>) {
                static_assert(
                    has_std_hash<key_type>,
                    "flow::partition: std::hash does not know the key. Give a key function whose result it knows, "
                    "or a hash: flow::partition({}, key, hash).");
                return has_std_hash<key_type>;
            } else {
                static_assert(std::is_invocable_r_v<std::size_t, Hash&, key_type const&>,
                              "flow::partition: the hash must take the key by const& and return std::size_t.");
                return std::is_invocable_r_v<std::size_t, Hash&, key_type const&>;
            }
        }
        return false;
    }

    template <class Flow>
    auto attach(Flow const& flow) const {
        if constexpr (check<typename Flow::event_type>()) {
            using origin = partitioned<Flow, partition_step>;
            return flow::pipeline<origin>(origin(flow, *this), std::tuple<>());
        } else {
            return flow;
        }
    }

    flow::exchange_options options;
    Key key;
    Hash hash;
    std::string label = {};
};

struct shuffle_step {
    static constexpr bool is_sink = false;

    template <class Flow>
    auto attach(Flow const& flow) const {
        using origin = shuffled<Flow>;
        return flow::pipeline<origin>(origin(flow, options, label), std::tuple<>());
    }

    flow::exchange_options options;
    std::string label = {};
};

template <class Key, class Hash>
auto make_partition(flow::exchange_options const& options, Key key, Hash hash) {
    flow::validate(options);
    static_assert(std::copy_constructible<Key> && std::copy_constructible<Hash>,
                  "flow::partition: key function and hash must be copyable, because each stage has a copy of its own.");
    using step = partition_step<Key, Hash>;
    return flow::closure<step>(std::tuple(step{options, std::move(key), std::move(hash)}));
}

}  // namespace sluice::detail

namespace sluice::flow {

/// Begins a layer of several stages, to each of which go the events of certain keys: which one, the hash of the key
/// decides, so equal keys meet in one stage. Every stage of the layer before feeds every stage of this one.
///
/// @code
/// auto const f = flow::from(some) | flow::partition({.stages = 4}, &order::customer) |
///                flow::scan(0, [](int& sum, order const& o) { sum += o.amount; });
/// // behind it each customer's orders are in one of four stages
/// @endcode
///
/// The key of an event is what `key(event const&)` gives, by default the event; its hash is `hash(key)`, by default
/// std::hash. The low bits of the hash need not be good: it is mixed. An exception of either ends the flow.
/// Order: kept from one stage to one stage, and so for the events of a key that come from one stage.
/// Memory: for each pair of stages at most max_demand events and one batch. Copies: none.
/// Throws errc::invalid_option.
inline auto partition(exchange_options const& options = {}) {
    return detail::make_partition(options, std::identity(), key_hash());
}
/// The same by a key of the event.
template <class Key>
auto partition(exchange_options const& options, Key key) {
    return detail::make_partition(options, std::move(key), key_hash());
}
/// The same by a key and a hash of it.
template <class Key, class Hash>
auto partition(exchange_options const& options, Key key, Hash hash) {
    return detail::make_partition(options, std::move(key), std::move(hash));
}

/// Begins a layer of several stages, each of which gets the next events as soon as it has asked for them: so costly
/// steps run in parallel. Order: lost, unless .stages is 1, when only events from different stages mix.
/// Memory: as with partition. Copies: none. Throws errc::invalid_option.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::shuffle() | flow::map(slow_square);
/// // 1, 4, 9 in any order, from as many stages as there are threads
/// @endcode
inline auto shuffle(exchange_options const& options = {}) {
    validate(options);
    return closure<detail::shuffle_step>(std::tuple(detail::shuffle_step{options}));
}

}  // namespace sluice::flow
