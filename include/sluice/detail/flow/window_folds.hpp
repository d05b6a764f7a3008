#pragma once

#include <functional>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/window_gives.hpp>
#include <sluice/detail/flow/window_nodes.hpp>
#include <sluice/flow/groups.hpp>
#include <sluice/flow/key_hash.hpp>
#include <sluice/flow/reduce.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// A reduction as windows have it: how an accumulator begins, and what takes an event.
template <class Init, class Fn>
struct folding {
    static constexpr bool emits = false;
    template <class In>
    using accumulator = accumulator_of<Init>;
    using usual = give_state;

    template <class In, class Out>
    auto end(outbox<Out>&) const {
        return fold_end<In, accumulator<In>, Fn>(first_accumulator(init), fn);
    }
    auto give() const noexcept -> usual { return {}; }

    Init init;
    Fn fn;
};

/// Of emit_and_reduce.
template <class Init, class Fn, class Last>
struct emitting_folding {
    static constexpr bool emits = true;
    template <class In>
    using accumulator = accumulator_of<Init>;
    template <class In>
    using out = range_element<std::invoke_result_t<Fn&, accumulator<In>&, In>>;
    using usual = give_last<Last>;

    template <class In, class Out>
    auto end(outbox<Out>& box) const {
        return emitting_fold_end<In, accumulator<In>, Fn, Out>(first_accumulator(init), fn, box);
    }
    auto give() const -> usual { return {last}; }

    Init init;
    Fn fn;
    Last last;
};

/// Of group_by: the groups of a window, std::pair<Key, std::vector<Value>> in the order in which the keys came.
template <class Key, class Value>
struct group_folding {
    static constexpr bool emits = false;
    template <class In>
    using accumulator = flow::groups<key_of<Key, In>, std::decay_t<std::invoke_result_t<Value&, In>>>;
    using usual = give_events;

    struct add {
        template <class Groups, class In>
        void operator()(Groups& groups, In&& event) {
            auto& group = groups[std::invoke(key, std::as_const(event))];
            group.push_back(std::invoke(value, std::forward<In>(event)));
        }
        Key key;
        Value value;
    };

    template <class In, class Out>
    auto end(outbox<Out>&) const {
        return fold_end<In, accumulator<In>, add>({}, add{key, value});
    }
    auto give() const noexcept -> usual { return {}; }

    Key key;
    Value value;
};

}  // namespace sluice::detail
