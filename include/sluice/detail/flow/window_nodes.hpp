#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <sluice/core/punctuation.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/detail/flow/window_keepers.hpp>
#include <sluice/discard.hpp>
#include <sluice/flow/trigger.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// What windows have given and the next step has not taken yet.
template <class Out>
class outbox {
public:
    template <class T>
    void push(T&& event) {
        events_.push_back(Out(std::forward<T>(event)));
    }
    template <class Range>
    void push_all(Range&& range) {
        kept_range<Range> kept(std::forward<Range>(range));
        auto const end = std::ranges::end(kept.get());
        for (auto here = std::ranges::begin(kept.get()); here != end; ++here)
            push(take_element<Out, kept_range<Range>::may_move>(here));
    }
    template <class Visit>
    void each(Visit const& visit) {
        for (auto& event : events_) visit(std::move(event));
    }
    void clear() noexcept {
        events_.clear();
        left_ = 0;
    }
    /// False when it must pause.
    template <class Next>
    auto drain(Next& next, pace& p) -> bool {
        while (left_ < events_.size()) {
            bool const go_on = next.push(std::move(events_[left_++]), p);
            if (!go_on || !p.step()) return false;
        }
        clear();
        return true;
    }

private:
    std::vector<Out> events_;
    std::size_t left_ = 0;
};

// Where the steps of a window end: in its accumulator.

template <class In, class Acc, class Fn>
struct fold_end : flow_end {
    fold_end(Acc a, Fn f) : acc(std::move(a)), fn(std::move(f)) {}
    auto push(In&& event, pace&) -> bool {
        std::invoke(fn, acc, std::move(event));
        return true;
    }

    Acc acc;
    Fn fn;
};

/// The same, and events go out at once.
template <class In, class Acc, class Fn, class Out>
struct emitting_fold_end : flow_end {
    emitting_fold_end(Acc a, Fn f, outbox<Out>& b) : acc(std::move(a)), fn(std::move(f)), box(&b) {}
    auto push(In&& event, pace&) -> bool {
        box->push_all(std::invoke(fn, acc, std::move(event)));
        return true;
    }

    Acc acc;
    Fn fn;
    outbox<Out>* box;
};

template <class Node>
auto last_node(Node& node) -> auto& {
    if constexpr (has_next_node<Node>) {
        return last_node(node.next);
    } else {
        return node;
    }
}

/// A window's own copy of the steps behind it, with its accumulator, and what its triggers keep.
template <class Chain, class... Triggers>
struct window_state {
    template <class Merge>
    void merge(Merge& fn, window_state&& from) {
        using acc = std::decay_t<decltype(last_node(chain).acc)>;
        static_assert(std::invocable<Merge&, acc&, acc>,
                      "flow::session_windows: the merge function must be callable as merge(accumulator&, accumulator), "
                      "with the accumulator of the reduction behind it.");
        std::invoke(fn, last_node(chain).acc, std::move(last_node(from.chain).acc));
        merge_triggers(from, std::index_sequence_for<Triggers...>());
    }
    template <std::size_t... I>
    void merge_triggers(window_state& from, std::index_sequence<I...>) {
        (Triggers::merge(std::get<I>(triggers), std::move(std::get<I>(from.triggers))), ...);
    }

    Chain chain;
    std::tuple<typename Triggers::state...> triggers;
};

/// The windows of a layer, the steps in them, and their accumulators.
///
/// `Parts` makes states, knows the triggers and what goes on when they fire, and takes events that are late.
template <class In, class Keeper, class Parts, class Next>
class window_node {
    using out = typename Parts::template out<In>;
    using state = typename Parts::template state<In>;
    using key_type = typename Keeper::key_type;

public:
    window_node(Keeper keeper, Parts parts, Next&& n)
        : next(std::move(n)), keeper_(std::move(keeper)), parts_(std::move(parts)) {}
    window_node(window_node&&) = default;
    ~window_node() {
        if (lane_) tell_late();
    }

    void open(lane_core& lane) {
        lane_ = &lane;
        if (Keeper::is_timed && lane.input()) lane.input()->wake_at_ends();
    }

    auto push(In&& event, pace& p) -> bool {
        touched_.clear();
        auto const touch = [this](state& s, window_ref const& ref, key_type const* key) {
            touched_.push_back({&s, ref});
            key_ = key;
        };
        if (!keeper_.add(std::as_const(event), make(), touch)) {
            late(std::move(event));
            touched_.clear();
        }
        for (std::size_t i = 0; i < touched_.size(); ++i) {
            if (i + 1 == touched_.size()) {
                put(touched_[i], std::move(event), p);
            } else if constexpr (std::copy_constructible<In>) {
                put(touched_[i], In(std::as_const(event)), p);
            }
        }
        if (keeper_.has_closed()) {
            keeper_.batch_over(*lane_);
            is_firing_ = true;
        }
        return drain(p);
    }
    auto resume(pace& p) -> bool {
        if (!next.resume(p)) return false;
        if (!std::exchange(has_begun_, true)) begin();
        tell_late();
        look_at_clock();
        return drain(p);
    }
    /// A batch was worked off, or somebody wanted to be woken.
    auto settle(pace& p) -> bool {
        tell_late();
        keeper_.batch_over(*lane_);
        is_firing_ = true;
        look_at_clock();
        return drain(p);
    }
    auto finish(pace& p) -> bool {
        tell_late();
        if (!std::exchange(has_ended_, true)) {
            keeper_.close();
            is_firing_ = true;
        }
        return drain(p) && next.finish(p);
    }
    auto is_done() const noexcept -> bool { return next.is_done(); }
    auto deadline() -> std::optional<window_clock::time_point> {
        if (has_ended_) return std::nullopt;
        return earlier(keeper_.deadline(), parts_.deadline());
    }

    Next next;

private:
    struct touched {
        state* in;
        window_ref ref;
    };

    auto make() {
        return [this] { return parts_.template new_state<In>(*box_); };
    }

    void begin() {
        keeper_.begin(*lane_);
        parts_.begin(lane_->now());
    }

    /// An event into one of its windows.
    void put(touched const& to, In&& event, pace& p) {
        auto& s = *to.in;
        auto const fire = [&](core::trigger_name const& name) { give(s, to.ref, name, key_); };
        auto const count = [&] {
            if (s.chain.push(std::move(event), p)) return;
            while (!s.chain.resume(p)) {}  // a window's steps never wait for others
        };
        parts_.put(s.triggers, event, count, fire);
    }

    void give(state& s, window_ref const& ref, core::trigger_name const& name, key_type const* key) {
        auto const& place = lane_->place();
        flow::trigger_info const info{place.index, place.count, ref.id, ref.span, name};
        parts_.give(*box_, last_node(s.chain), info, key);
    }

    void look_at_clock() {
        if (has_ended_) return;
        if constexpr (Keeper::is_timed) {
            keeper_.pass(*lane_);
            is_firing_ = true;
        }
        if (!parts_.is_timed()) return;
        for (auto& name : parts_.due(lane_->now())) {
            if (std::ranges::find(due_, name) == due_.end()) due_.push_back(std::move(name));
        }
    }

    void late(In&& event) {
        if (!parts_.late(std::move(event))) ++late_;
    }
    void tell_late() {
        if (late_ > 0) lane_->note_discarded(std::exchange(late_, 0), to_string(discard_reason::too_late));
    }

    void fire_next(pace& p) {
        auto const fires = keeper_.next(make());
        if (!fires) {
            is_firing_ = false;
            return;
        }
        if (fires->phase == core::window_phase::done) {
            while (!fires->state->chain.finish(p)) {
                while (!fires->state->chain.resume(p)) {}
            }
        }
        give(*fires->state, fires->window, core::trigger_name::of(fires->phase), fires->key);
    }

    /// By the clock, in all windows that are open now.
    void fire_due() {
        auto const name = std::move(due_.front());
        due_.erase(due_.begin());
        keeper_.visit(make(), [&](state& s, window_ref const& ref, key_type const* key) { give(s, ref, name, key); });
    }

    /// What lies in the box goes on, then one window after the other fires: first those that are over.
    auto drain(pace& p) -> bool {
        for (;;) {
            if (next.is_done()) {
                box_->clear();
                is_firing_ = false;
                due_.clear();
            }
            if (!box_->drain(next, p)) return false;
            if (is_firing_) {
                fire_next(p);
            } else if (!due_.empty()) {
                fire_due();
            } else {
                return true;
            }
            if (!p.step()) return false;
        }
    }

    Keeper keeper_;
    Parts parts_;
    lane_core* lane_ = nullptr;
    std::unique_ptr<outbox<out>> box_ = std::make_unique<outbox<out>>();
    std::vector<touched> touched_;
    key_type const* key_ = nullptr;  // of the event that was put last
    std::size_t late_ = 0;           // that nobody wanted
    std::vector<core::trigger_name> due_;
    bool has_begun_ = false;
    bool is_firing_ = false;
    bool has_ended_ = false;
};

}  // namespace sluice::detail
