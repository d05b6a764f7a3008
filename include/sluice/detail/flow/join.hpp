#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/core/keyed_table.hpp>
#include <sluice/detail/flow/build.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/flow/exchange.hpp>
#include <sluice/flow/graph.hpp>
#include <sluice/flow/join_kind.hpp>
#include <sluice/flow/key_hash.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::detail {

/// Throws system_error(errc::join_full), which names the option and the bound.
[[noreturn]] SLUICE_API void throw_join_full(std::size_t bound);
/// Throws system_error(errc::invalid_option): a join that is not inner was given a function of two values.
[[noreturn]] SLUICE_API void throw_needs_optionals();

/// An event of a join keeps who it is.
template <class L, class R, std::size_t Side>
struct join_side {
    using event = std::variant<L, R>;
    auto operator()(std::variant_alternative_t<Side, event> one) const -> event {
        return event(std::in_place_index<Side>, std::move(one));
    }
};

/// The key functions of both sides, and what can hash what they give.
template <class L, class R, class LeftKey, class RightKey, class Hash>
struct join_keys {
    using event = std::variant<L, R>;
    using key = std::remove_cvref_t<std::invoke_result_t<LeftKey&, L const&>>;

    /// Calls `then(key)` with what the key function gives: where that refers to the event, nothing is copied.
    template <class Then>
    decltype(auto) with_key(event const& e, Then const& then) {
        if (e.index() == 0) return then(std::invoke(left, std::get<0>(e)));
        return then(std::invoke(right, std::get<1>(e)));
    }
    /// As the hash of a partition.
    auto operator()(event const& e) -> std::size_t {
        return with_key(e, [this](key const& k) { return static_cast<std::size_t>(hash(k)); });
    }

    [[no_unique_address]] LeftKey left;
    [[no_unique_address]] RightKey right;
    [[no_unique_address]] Hash hash;
};

/// What comes of a match: a function of two optionals, or, where both are always there, of two events.
template <class Fn, class L, class R>
concept joins_values = std::invocable<Fn&, L const&, R const&>;
template <class Fn, class L, class R>
concept joins_optionals = std::invocable < Fn&,
        std::optional<L>
const&, std::optional<R> const& > ;

template <class Fn, class L, class R>
decltype(auto) join_pair(Fn& fn, std::optional<L> const& left, std::optional<R> const& right) {
    if constexpr (joins_optionals<Fn, L, R>) {
        return std::invoke(fn, left, right);
    } else {
        return std::invoke(fn, *left, *right);
    }
}
template <class Fn, class L, class R>
using joined_event = std::decay_t<decltype(join_pair(std::declval<Fn&>(), std::declval<std::optional<L> const&>(),
                                                     std::declval<std::optional<R> const&>()))>;

/// An event that waits for others with its key.
template <class T>
struct join_row {
    std::optional<T> event;
    bool has_partner = false;
};
/// Those of one key.
template <class L, class R>
struct join_rows {
    std::vector<join_row<L>> left;
    std::vector<join_row<R>> right;
};
/// Those of all keys, in the order in which the keys came.
template <class Keys, class L, class R>
class join_table {
public:
    using rows = join_rows<L, R>;

    /// Where an event belongs; good until the next one is looked up.
    auto of(Keys& keys, std::variant<L, R> const& event) -> rows& {
        return *keys.with_key(event, [&](typename Keys::key const& key) -> rows* {
            auto const hash = static_cast<std::size_t>(keys.hash(key));
            auto* const found = table_.find(hash, key);
            return found ? found : &table_.add(hash, kept_key(key), rows());
        });
    }
    auto size() const noexcept -> std::size_t { return table_.size(); }
    auto operator[](std::size_t i) noexcept -> rows& { return table_.entries()[i].value; }

private:
    core::keyed_table<typename Keys::key, rows> table_;
};
constexpr auto wants_left(flow::join_kind kind) noexcept -> bool {
    return kind == flow::join_kind::left || kind == flow::join_kind::full;
}
constexpr auto wants_right(flow::join_kind kind) noexcept -> bool {
    return kind == flow::join_kind::right || kind == flow::join_kind::full;
}

/// Keeps the events of both sides by key, and pushes a pair as soon as its second half comes; those without a partner
/// at the end.
template <class L, class R, class Keys, class Fn, class Next>
class join_node {
public:
    join_node(Keys keys, Fn fn, flow::join_kind kind, std::size_t bound, Next&& then)
        : next(std::move(then)), keys_(std::move(keys)), fn_(std::move(fn)), kind_(kind), bound_(bound) {}

    auto push(std::variant<L, R>&& event, pace& p) -> bool {
        if (++kept_ > bound_) throw_join_full(bound_);
        auto& here = table_.of(keys_, event);
        match_.at = &here;
        match_.other = 0;
        match_.is_left = event.index() == 0;
        if (match_.is_left) {
            here.left.push_back({std::get<0>(std::move(event))});
        } else {
            here.right.push_back({std::get<1>(std::move(event))});
        }
        return go_on_matching(p);
    }
    auto resume(pace& p) -> bool {
        if (!next.resume(p)) return false;
        if (is_done()) match_.at = nullptr;
        return go_on_matching(p);
    }
    auto finish(pace& p) -> bool {
        if (kind_ != flow::join_kind::inner && !is_done() && !push_lonely(p)) return false;
        return next.finish(p);
    }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Next next;

private:
    template <class T>
    using row = join_row<T>;
    using rows = join_rows<L, R>;

    /// The last event that came, and how many of the other side it has met.
    struct matching {
        rows* at = nullptr;
        bool is_left = true;
        std::size_t other = 0;
    };

    auto go_on_matching(pace& p) -> bool {
        while (match_.at) {
            auto& [left, right] = *match_.at;
            auto const others = match_.is_left ? right.size() : left.size();
            if (match_.other == others) {
                match_.at = nullptr;
                break;
            }
            auto& l = match_.is_left ? left.back() : left[match_.other];
            auto& r = match_.is_left ? right[match_.other] : right.back();
            ++match_.other;
            l.has_partner = r.has_partner = true;
            bool const more = next.push(join_pair(fn_, l.event, r.event), p);
            if (!more || !p.step()) return false;
        }
        return true;
    }

    /// Those that have met nobody, as far as the kind of join wants them.
    auto push_lonely(pace& p) -> bool {
        for (; lonely_ < table_.size(); ++lonely_, lonely_row_ = 0) {
            auto& [left, right] = table_[lonely_];
            for (; lonely_row_ < left.size() + right.size();) {
                auto const i = lonely_row_++;
                bool const more = i < left.size() ? push_left(left[i], p) : push_right(right[i - left.size()], p);
                if (!more || !p.step()) return false;
            }
        }
        return true;
    }
    auto push_left(row<L> const& one, pace& p) -> bool {
        return !wants_left(kind_) || one.has_partner || push_pair(one.event, std::optional<R>(), p);
    }
    auto push_right(row<R> const& one, pace& p) -> bool {
        return !wants_right(kind_) || one.has_partner || push_pair(std::optional<L>(), one.event, p);
    }
    auto push_pair(std::optional<L> const& left, std::optional<R> const& right, pace& p) -> bool {
        if constexpr (joins_optionals<Fn, L, R>) {
            return next.push(join_pair(fn_, left, right), p);
        } else {  // an inner join: nobody comes here
            return true;
        }
    }

    Keys keys_;
    Fn fn_;
    flow::join_kind kind_;
    std::size_t bound_;
    join_table<Keys, L, R> table_;
    std::size_t kept_ = 0;
    matching match_;
    std::size_t lonely_ = 0;
    std::size_t lonely_row_ = 0;
};

/// A layer behind two flows, both partitioned alike.
template <class Left, class Right, class Keys, class Options>
class joined {
public:
    using event_type = typename Keys::event;
    static constexpr bool is_direct = false;
    static constexpr bool is_stage = false;

    joined(Left left, Right right, Keys keys, Options options)
        : left_(std::move(left)), right_(std::move(right)), keys_(std::move(keys)), options_(options) {}

    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        auto const demand = exchange_demand(options_);
        auto const stages = options_.stages.value_or(b.default_stages());
        auto const batch = batch_size(demand);
        auto const from_left = left_.partitions(b, std::identity(), keys_, stages, batch);
        auto const from_right = right_.partitions(b, std::identity(), keys_, stages, batch);
        for (std::size_t i = 0; i < stages; ++i) {
            auto both = from_left[i];
            both.insert(both.end(), from_right[i].begin(), from_right[i].end());
            visit(inlet_feed<event_type>(), subscriptions(both, demand));
        }
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const left = left_.draw(g);
        auto const right = right_.draw(g);
        auto const at = g.add(options_.stages ? options_.stages : g.threads());
        g.connect(left, at, "left", false);
        g.connect(right, at, "right", false);
        return at;
    }

private:
    Left left_;
    Right right_;
    Keys keys_;
    Options options_;
};

/// The step that joins, first in its layer.
template <class L, class R, class Keys, class Fn>
struct join_step {
    static constexpr char const* kind = "join";
    static constexpr bool is_reduction = false;
    static constexpr bool is_sink = false;

    template <class In>
    struct on {
        using out = joined_event<Fn, L, R>;
    };
    template <class In, class Next>
    auto node(Next next) const -> join_node<L, R, Keys, Fn, Next> {
        return {keys, fn, join, bound, std::move(next)};
    }

    Keys keys;
    Fn fn;
    flow::join_kind join;
    std::size_t bound;
    std::string label = {};
};

}  // namespace sluice::detail
