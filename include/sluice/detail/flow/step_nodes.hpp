#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <sluice/batch.hpp>
#include <sluice/core/keyed_table.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/flow/key_hash.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

// More of the nodes that nodes.hpp tells of: those with a state, which begins anew in each stage and run.

template <class In, class Fn, class Next>
struct tap_node : passing_node<Next> {
    auto push(In&& event, pace& p) -> bool {
        std::invoke(fn, std::as_const(event));
        return this->next.push(std::move(event), p);
    }

    Fn fn;
};

template <class In, class Next>
struct take_node : passing_node<Next> {
    auto push(In&& event, pace& p) -> bool {
        if (left == 0) return false;
        --left;
        return this->next.push(std::move(event), p) && left > 0;
    }
    auto is_done() const noexcept -> bool { return left == 0 || this->next.is_done(); }

    std::size_t left;
};

template <class In, class Fn, class Next>
struct take_while_node : passing_node<Next> {
    auto push(In&& event, pace& p) -> bool {
        has_ended = has_ended || !std::invoke(fn, std::as_const(event));
        return !has_ended && this->next.push(std::move(event), p);
    }
    auto is_done() const noexcept -> bool { return has_ended || this->next.is_done(); }

    Fn fn;
    bool has_ended = false;
};

template <class In, class Next>
struct drop_node : passing_node<Next> {
    auto push(In&& event, pace& p) -> bool {
        if (left == 0) return this->next.push(std::move(event), p);
        --left;
        return true;
    }

    std::size_t left;
};

template <class In, class Acc, class Fn, class Next>
struct scan_node : passing_node<Next> {
    auto push(In&& event, pace& p) -> bool {
        std::invoke(fn, acc, std::move(event));
        return this->next.push(Acc(std::as_const(acc)), p);
    }

    Acc acc;
    Fn fn;
};

template <class In, class Next>
struct index_node : passing_node<Next> {
    auto push(In&& event, pace& p) -> bool {
        return this->next.push(std::pair<In, std::size_t>(std::move(event), index++), p);
    }

    std::size_t index = 0;
};

template <class In, class Key, class Next>
struct uniq_node : passing_node<Next> {
    using key_type = key_of<Key, In>;

    auto push(In&& event, pace& p) -> bool {
        auto&& key_of_event = std::invoke(key, std::as_const(event));
        auto const hash = flow::key_hash()(key_of_event);
        if (seen.find(hash, key_of_event)) return true;
        seen.add(hash, kept_key<key_type>(key_of_event), {});
        return this->next.push(std::move(event), p);
    }

    struct nothing {};

    Key key;
    core::keyed_table<key_type, nothing> seen = {};
};

/// Calls the function with whole batches: those that come, else what it gathers itself.
template <class In, class Fn, class Next>
struct batch_node {
    using result = std::invoke_result_t<Fn&, batch<In>>;
    using out = typename open_range<result>::element;

    batch_node(Fn f, std::size_t n, Next&& rest) : fn(std::move(f)), most(n), next(std::move(rest)) {}

    auto push(In&& event, pace& p) -> bool {
        if (gathered.capacity() == 0) gathered.reserve(most);
        gathered.push_back(std::move(event));
        return gathered.size() < most || settle(p);
    }
    auto push_batch(batch<In>&& events, pace& p) -> bool {
        present = std::move(events);
        range.open(std::invoke(fn, std::move(present)));
        if constexpr (requires(batch<out> all) { next.push_batch(std::move(all), p); }) {
            batch<out> all;
            range.drain(all);
            return all.empty() || next.push_batch(std::move(all), p);
        } else {
            return range.walk(next, p);
        }
    }
    auto settle(pace& p) -> bool { return gathered.empty() || push_batch(std::exchange(gathered, batch<In>()), p); }
    auto resume(pace& p) -> bool { return range.go_on(next, p); }
    auto finish(pace& p) -> bool { return settle(p) && next.finish(p); }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Fn fn;
    std::size_t most;
    Next next;
    batch<In> gathered;
    batch<In> present;  // the range may refer to it
    open_range<result> range;
};

/// Keeps an accumulator, and walks the range that the function gives for each event; at the end that of the other
/// function, if there is one.
template <class In, class Acc, class Fn, class Last, class Next>
class emit_and_reduce_node {
public:
    emit_and_reduce_node(Acc acc, Fn fn, Last last, Next&& then)
        : next(std::move(then)), acc_(std::move(acc)), fn_(std::move(fn)), last_(std::move(last)) {}

    auto push(In&& event, pace& p) -> bool {
        event_.emplace(std::move(event));
        range_.open(std::invoke(fn_, acc_, std::move(*event_)));
        return range_.walk(next, p);
    }
    auto resume(pace& p) -> bool { return range_.go_on(next, p) && go_on(last_range_, p); }
    auto finish(pace& p) -> bool {
        if constexpr (has_last) {
            if (!std::exchange(is_finished_, true)) last_range_.open(std::invoke(last_, std::move(acc_)));
            if (!go_on(last_range_, p)) return false;
        }
        return next.finish(p);
    }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Next next;

private:
    static constexpr bool has_last = std::invocable<Last&, Acc>;
    struct never_open {};
    template <class L>
    static auto last_range() {
        if constexpr (has_last) {
            return std::type_identity<open_range<std::invoke_result_t<L&, Acc>>>();
        } else {
            return std::type_identity<never_open>();
        }
    }

    template <class Range>
    auto go_on(Range& range, pace& p) -> bool {
        if constexpr (std::same_as<Range, never_open>) {
            return true;
        } else {
            return range.go_on_here(next, p);
        }
    }

    Acc acc_;
    Fn fn_;
    Last last_;
    std::optional<In> event_;
    open_range<std::invoke_result_t<Fn&, Acc&, In>> range_;
    typename decltype(last_range<Last>())::type last_range_;
    bool is_finished_ = false;
};

}  // namespace sluice::detail
