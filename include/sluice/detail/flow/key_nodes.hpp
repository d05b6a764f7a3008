#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <sluice/core/keyed_table.hpp>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/flow/key_hash.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// Folds the events of each key into a value of its own, and pushes (key, value) pairs, in the order in which the keys
/// came: at the end, or when there would be more than so many keys; with 0, at once for each event.
///
/// `Fold` has key(event const&), begin(event&&) -> value, more(value&, event&&).
template <class In, class Fold, class Next>
class by_key_node {
    using key_type = typename Fold::template key_type<In>;
    using value_type = typename Fold::template value_type<In>;
    using table = core::keyed_table<key_type, value_type>;
    using out = std::pair<key_type, value_type>;

public:
    by_key_node(Fold fold, std::size_t most_keys, Next&& then)
        : next(std::move(then)), fold_(std::move(fold)), most_(most_keys) {}

    auto push(In&& event, pace& p) -> bool {
        auto&& key = fold_.key(std::as_const(event));
        if (most_ == 0) {
            auto kept = key_type(key);
            return next.push(out(std::move(kept), fold_.begin(std::move(event))), p);
        }
        auto const hash = flow::key_hash()(key);
        if (auto* const value = open_.find(hash, key)) {
            fold_.more(*value, std::move(event));
            return true;
        }
        auto kept = kept_key<key_type>(key);
        bool const is_full = open_.size() >= most_;
        if (is_full) swap(open_, leaving_);
        open_.add(hash, std::move(kept), fold_.begin(std::move(event)));
        return !is_full || leave(p);
    }
    auto resume(pace& p) -> bool { return next.resume(p) && (leaving_.empty() || leave(p)); }
    auto finish(pace& p) -> bool {
        if (!open_.empty()) {
            swap(open_, leaving_);
            if (!leave(p)) return false;
        }
        return next.finish(p);
    }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Next next;

private:
    auto leave(pace& p) -> bool {
        if (next.is_done()) left_ = leaving_.size();
        while (left_ < leaving_.size()) {
            auto& each = leaving_.entries()[left_++];
            bool const go_on = next.push(out(std::move(each.key), std::move(each.value)), p);
            if (!go_on || !p.step()) return false;
        }
        leaving_.clear();
        left_ = 0;
        return true;
    }

    Fold fold_;
    std::size_t most_;
    table open_;
    table leaving_;
    std::size_t left_ = 0;
};

/// Of group_by.
template <class Key, class Value>
struct group_fold {
    template <class In>
    using key_type = key_of<Key, In>;
    template <class In>
    using value_type = std::vector<std::decay_t<std::invoke_result_t<Value&, In>>>;

    template <class In>
    decltype(auto) key(In const& event) {
        return std::invoke(key_fn, event);
    }
    template <class In>
    auto begin(In&& event) -> value_type<In> {
        value_type<In> all;
        more(all, std::move(event));
        return all;
    }
    template <class All, class In>
    void more(All& all, In&& event) {
        all.push_back(std::invoke(value_fn, std::move(event)));
    }

    Key key_fn;
    Value value_fn;
};

/// Of the stages before the exchange of reduce_by_key.
template <class Key, class Init, class Fn>
struct combine_fold {
    template <class In>
    using key_type = key_of<Key, In>;
    template <class In>
    using value_type = accumulator_of<Init>;

    template <class In>
    decltype(auto) key(In const& event) {
        return std::invoke(key_fn, event);
    }
    template <class In>
    auto begin(In&& event) -> value_type<In> {
        auto acc = first_accumulator(init);
        std::invoke(fn, acc, std::move(event));
        return acc;
    }
    template <class Acc, class In>
    void more(Acc& acc, In&& event) {
        std::invoke(fn, acc, std::move(event));
    }

    Key key_fn;
    Init init;
    Fn fn;
};

/// Of those behind it, which get pairs.
template <class Merge>
struct merge_fold {
    template <class In>
    using key_type = typename In::first_type;
    template <class In>
    using value_type = typename In::second_type;

    template <class In>
    auto key(In const& event) -> auto const& {
        return event.first;
    }
    template <class In>
    auto begin(In&& event) -> value_type<In> {
        return std::move(event.second);
    }
    template <class Acc, class In>
    void more(Acc& acc, In&& event) {
        std::invoke(merge, acc, std::move(event.second));
    }

    Merge merge;
};

}  // namespace sluice::detail
