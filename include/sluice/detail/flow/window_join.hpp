#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/detail/flow/join.hpp>
#include <sluice/detail/flow/windowed.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::detail {

/// A function of one side's event, or of the other's, as one of either.
template <class Fn>
struct of_each_side {
    template <class... Sides>
        requires(std::invocable<Fn&, Sides const&>&&...)
    auto operator()(std::variant<Sides...> const& event) {
        return std::visit([this](auto const& one) { return std::invoke(fn, one); }, event);
    }

    Fn fn;
};

/// What has come into one window of a join, by key.
template <class L, class R, class Keys, class Fn>
class window_join_table {
public:
    using out = joined_event<Fn, L, R>;

    window_join_table(Keys keys, Fn fn, flow::join_kind kind, std::size_t bound)
        : keys_(std::move(keys)), fn_(std::move(fn)), kind_(kind), bound_(bound) {}

    /// Takes an event; the pairs that it makes.
    auto add(std::variant<L, R>&& event) -> std::vector<out> {
        if (++kept_ > bound_) throw_join_full(bound_);
        auto& [left, right] = table_.of(keys_, event);
        std::vector<out> pairs;
        if (event.index() == 0) {
            auto& mine = left.emplace_back(join_row<L>{std::get<0>(std::move(event)), !right.empty()});
            for (auto& other : right) meet(mine, other, pairs);
        } else {
            auto& mine = right.emplace_back(join_row<R>{std::get<1>(std::move(event)), !left.empty()});
            for (auto& other : left) meet(other, mine, pairs);
        }
        return pairs;
    }

    /// Those that have met nobody, as far as the kind of join wants them.
    auto lonely() -> std::vector<out> {
        std::vector<out> all;
        if constexpr (joins_optionals<Fn, L, R>) {
            for (std::size_t i = 0; i < table_.size(); ++i) {
                auto& rows = table_[i];
                for (auto& one : rows.left) {
                    if (wants_left(kind_) && !one.has_partner)
                        all.push_back(join_pair<Fn, L, R>(fn_, one.event, std::optional<R>()));
                }
                for (auto& one : rows.right) {
                    if (wants_right(kind_) && !one.has_partner)
                        all.push_back(join_pair<Fn, L, R>(fn_, std::optional<L>(), one.event));
                }
            }
        }
        return all;
    }

private:
    void meet(join_row<L>& left, join_row<R>& right, std::vector<out>& pairs) {
        left.has_partner = right.has_partner = true;
        pairs.push_back(join_pair<Fn, L, R>(fn_, left.event, right.event));
    }

    Keys keys_;
    Fn fn_;
    flow::join_kind kind_;
    std::size_t bound_;
    std::size_t kept_ = 0;
    join_table<Keys, L, R> table_;
};

/// At the end of a window its lonely ones go on.
struct give_lonely {
    static constexpr char const* kind = "";
    static constexpr bool has_events = false;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        return true;
    }

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const*) const {
        if (info.trigger.is_done()) box.push_all(end.acc.lonely());
    }
};

struct add_to_join {
    template <class Table, class In>
    auto operator()(Table& table, In&& event) const {
        return table.add(std::forward<In>(event));
    }
};

/// A join as the reduction of a window.
template <class L, class R, class Keys, class Fn>
struct join_folding {
    static constexpr bool emits = true;
    using table = window_join_table<L, R, Keys, Fn>;
    template <class In>
    using accumulator = table;
    template <class In>
    using out = typename table::out;
    using usual = give_lonely;
    static constexpr bool takes_triggers = false;  // its pairs come out at once

    template <class In, class Out>
    auto end(outbox<Out>& box) const {
        return emitting_fold_end<In, table, add_to_join, Out>(table(keys, fn, join, bound), {}, box);
    }
    auto give() const noexcept -> usual { return {}; }

    Keys keys;
    Fn fn;
    flow::join_kind join;
    std::size_t bound;
};

template <class L, class R, class Keys, class Fn>
struct window_join_step : fused_step<window_join_step<L, R, Keys, Fn>> {
    static constexpr char const* kind = "window_join";

    auto in_window() const -> join_folding<L, R, Keys, Fn> { return {keys, fn, join, bound}; }

    Keys keys;
    Fn fn;
    flow::join_kind join;
    std::size_t bound;
};

/// A window of events of both sides.
template <class Window>
auto window_of_sides(Window const& window) {
    static_assert(!Window::is_session, "flow::window_join: sessions cannot be joined; take another window.");
    if constexpr (requires { window.of_sides(); }) {
        return window.of_sides();
    } else {
        return window;
    }
}
template <class Step>
auto part_of_sides(Step const& step) {
    if constexpr (is_part_of_kind<part_kind::window, Step>) {
        auto window = window_of_sides(step.window);
        return window_step<decltype(window)>{{step.label}, std::move(window)};
    } else {
        return step;
    }
}

}  // namespace sluice::detail
