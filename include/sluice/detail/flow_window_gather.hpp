#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <sluice/detail/flow_windowed.hpp>
#include <sluice/flow/gather.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// What a window gives to departition: its accumulator, and what fired.
template <class Acc>
struct window_part_state {
    flow::trigger_info info;
    Acc state;
};

struct give_tagged {
    static constexpr char const* kind = "";

    template <class Acc, class Key>
    static constexpr auto check() -> bool {
        return true;
    }
    template <class Acc, class Key>
    using out = window_part_state<Acc>;

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const*) const {
        using acc = std::decay_t<decltype(end.acc)>;
        if (info.trigger.is_done()) {
            box.push(window_part_state<acc>{info, std::move(end.acc)});
        } else {
            box.push(window_part_state<acc>{info, end.acc});
        }
    }
};

/// Puts together what the stages give for each window, and gives that when the last of them has said that it is done
/// there: `done(accumulator, trigger_info)`, or without the second. Windows that are never complete are done at the
/// end, in order.
template <class Acc, class Init, class Merge, class Done, class Next>
struct gather_windows_node : passing_node<Next> {
    using all = accumulator_of<Init>;

    auto push(window_part_state<Acc>&& part, pace& p) -> bool {
        auto const found = open.try_emplace(part.info.window);
        auto& window = found.first->second;
        if (found.second) window.state.emplace(first_accumulator(init));
        std::invoke(merge, *window.state, std::move(part.state));
        window.last = part.info;
        if (part.info.trigger.is_done()) ++window.stages_done;
        return window.stages_done < part.info.stages || give(found.first, p);
    }
    auto finish(pace& p) -> bool {
        while (!open.empty()) {
            open.begin()->second.last.trigger = core::trigger_name::done();
            if (!give(open.begin(), p)) return false;
        }
        return this->next.finish(p);
    }

    struct window {
        std::optional<all> state;
        flow::trigger_info last;
        std::size_t stages_done = 0;
    };

    auto give(typename std::map<core::window_id, window>::iterator at, pace& p) -> bool {
        auto const leaving = open.extract(at);
        auto& [state, info, count] = leaving.mapped();
        if constexpr (std::invocable<Done&, all, flow::trigger_info const&>) {
            return this->next.push(std::invoke(done, std::move(*state), std::as_const(info)), p);
        } else {
            return this->next.push(std::invoke(done, std::move(*state)), p);
        }
    }

    Init init;
    Merge merge;
    Done done;
    std::map<core::window_id, window> open = {};
};

template <class Acc, class Init, class Merge, class Done>
struct gather_windows_step : fused_step<gather_windows_step<Acc, Init, Merge, Done>> {
    static constexpr char const* kind = "departition";
    using all = accumulator_of<Init>;

    static auto output() {
        constexpr bool told = std::invocable<Done&, all, flow::trigger_info const&>;
        static_assert(told || std::invocable<Done&, all>,
                      "flow::departition: behind windows the last function must be callable as done(accumulator), or "
                      "done(accumulator, flow::trigger_info const&).");
        if constexpr (told) {
            return std::type_identity<std::decay_t<std::invoke_result_t<Done&, all, flow::trigger_info const&>>>();
        } else if constexpr (std::invocable<Done&, all>) {
            return std::type_identity<std::decay_t<std::invoke_result_t<Done&, all>>>();
        } else {
            return std::type_identity<all>();
        }
    }
    template <class In>
    struct on {
        using out = typename decltype(output())::type;
    };
    template <class In, class Next>
    auto node(Next next) const -> gather_windows_node<Acc, Init, Merge, Done, Next> {
        return {{std::move(next)}, init, merge, done};
    }

    Init init;
    Merge merge;
    Done done;
};

template <class Flow, class Init, class Merge, class Done>
auto gather_windows(Flow const& flow, departition_step<Init, Merge, Done> const& step) {
    using acc = typename Flow::event_type;
    auto const& steps = flow.steps();
    using tuple = std::decay_t<decltype(steps)>;
    constexpr auto last = std::tuple_size_v<tuple> - 1;
    auto tagged = std::get<last>(steps).giving(give_tagged());
    auto const before =
        flow.with_steps(std::tuple_cat(part_of_tuple<0, last>(steps), std::tuple<decltype(tagged)>(std::move(tagged))));
    return to_one_stage(before).with(
        gather_windows_step<acc, Init, Merge, Done>{{step.label}, step.init, step.merge, step.done});
}

}  // namespace sluice::detail
