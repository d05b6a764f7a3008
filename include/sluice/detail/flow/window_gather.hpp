#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <ranges>
#include <sluice/detail/flow/windowed.hpp>
#include <sluice/flow/gather.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// What a window gives to departition: an event, or the word that it is done.
template <class T>
struct window_part_event {
    flow::trigger_info info;
    std::optional<T> event;
};

/// Puts what a window gives into a box, and says which window it is.
template <class Box, class T>
struct tagging_box {
    template <class U>
    void push(U&& event) {
        box->push(window_part_event<T>{*info, std::optional<T>(std::in_place, std::forward<U>(event))});
    }
    template <class Range>
    void push_all(Range&& range) {
        outbox<T> all;
        all.push_all(std::forward<Range>(range));
        all.each([this](T&& event) { push(std::move(event)); });
    }

    Box* box;
    flow::trigger_info const* info;
};

/// As `Give`, to departition. An accumulator, which goes on being reduced, is given once, when its window is done.
template <class Give>
struct give_tagged {
    static constexpr char const* kind = Give::kind;
    static constexpr bool has_events = true;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        return Give::template check < Acc, Key, HasTriggers && !is_state > ();
    }
    template <class Acc, class Key>
    using out = window_part_event<typename Give::template out<Acc, Key>>;

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const* key) {
        using event = typename Give::template out<std::decay_t<decltype(end.acc)>, Key>;
        bool const is_done = info.trigger.is_done();
        tagging_box<Box, event> tagged{&box, &info};
        if (is_done || !is_state) give(tagged, end, info, key);
        if (is_done) box.push(window_part_event<event>{info, std::nullopt});
    }

    static constexpr bool is_state = std::same_as<Give, give_state> || std::same_as<Give, give_events>;
    Give give;
};

/// Puts together what the stages give for each window, and gives that on when all of them are done with it or with a
/// later one; what is left then, at the end. In order.
template <class T, class Init, class Merge, class Done, class Next>
struct gather_windows_node : passing_node<Next> {
    using all = accumulator_of<Init>;

    auto push(window_part_event<T>&& part, pace& p) -> bool {
        auto const found = open.try_emplace(part.info.window);
        auto& gathered = found.first->second;
        if (found.second) gathered.state.emplace(first_accumulator(init));
        gathered.last = part.info;
        if (part.event) {
            std::invoke(merge, *gathered.state, std::move(*part.event));
        } else {
            done_to.resize(part.info.stages);
            auto& to = done_to[part.info.stage];
            to = to ? std::max(*to, part.info.window) : part.info.window;
        }
        return give_complete(p);
    }
    auto resume(pace& p) -> bool { return this->next.resume(p) && give_complete(p); }
    auto finish(pace& p) -> bool {
        while (!open.empty() && !this->is_done()) {
            if (!give_first(p)) return false;
        }
        return this->next.finish(p);
    }

    struct window {
        std::optional<all> state;
        flow::trigger_info last;
    };

    auto give_complete(pace& p) -> bool {
        auto const least = std::ranges::min_element(done_to);
        if (least == done_to.end() || !*least) return true;
        while (!open.empty() && open.begin()->first <= **least) {
            if (!give_first(p)) return false;
        }
        return true;
    }
    auto give_first(pace& p) -> bool {
        auto leaving = open.extract(open.begin());
        auto& [state, info] = leaving.mapped();
        info.trigger = core::trigger_name::done();
        if constexpr (std::invocable<Done&, all, flow::trigger_info const&>) {
            return this->next.push(std::invoke(done, std::move(*state), std::as_const(info)), p) && p.step();
        } else {
            return this->next.push(std::invoke(done, std::move(*state)), p) && p.step();
        }
    }

    Init init;
    Merge merge;
    Done done;
    std::map<core::window_id, window> open = {};
    std::vector<std::optional<core::window_id>> done_to = {};  // by stage
};

template <class T, class Init, class Merge, class Done>
struct gather_windows_step : fused_step<gather_windows_step<T, Init, Merge, Done>> {
    static constexpr char const* kind = "departition";
    using all = accumulator_of<Init>;

    static auto output() {
        if constexpr (std::invocable<Done&, all, flow::trigger_info const&>) {
            return std::type_identity<std::decay_t<std::invoke_result_t<Done&, all, flow::trigger_info const&>>>();
        } else {
            return std::type_identity<std::decay_t<std::invoke_result_t<Done&, all>>>();
        }
    }
    template <class In>
    struct on {
        using out = typename decltype(output())::type;
    };
    template <class In, class Next>
    auto node(Next next) const -> gather_windows_node<T, Init, Merge, Done, Next> {
        return {{std::move(next)}, init, merge, done};
    }

    Init init;
    Merge merge;
    Done done;
};

template <class Flow, class Init, class Merge, class Done>
auto gather_windows(Flow const& flow, departition_step<Init, Merge, Done> const& step) {
    auto const windowed = windowed_last(flow);
    auto const& steps = windowed.steps();
    using tuple = std::decay_t<decltype(steps)>;
    constexpr auto last = std::tuple_size_v<tuple> - 1;
    using event = typename Flow::event_type;
    auto const& reduction = std::get<last>(steps);
    auto tagged = reduction.tagged();
    auto const before = windowed.with_steps(
        std::tuple_cat(part_of_tuple<0, last>(steps), std::tuple<decltype(tagged)>(std::move(tagged))));
    return to_one_stage(before).with(
        gather_windows_step<event, Init, Merge, Done>{{step.label}, step.init, step.merge, step.done});
}

}  // namespace sluice::detail
