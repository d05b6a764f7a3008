#include "plan.hpp"

#include <algorithm>

namespace graphs {

using sluice::testing::chooser;

auto is_emitter(role r) -> bool { return r == role::producer || r == role::intake || r == role::middle; }
auto is_receiver(role r) -> bool { return r == role::middle || r == role::consumer || r == role::stream; }

auto draw_options(chooser& decider, std::size_t max_demand, bool adaptive) -> sluice::subscribe_options {
    sluice::subscribe_options options;
    switch (decider.choose(4)) {
        case 0: options.max_demand = 1; break;
        case 1: options.max_demand = 1000; break;
        default: options.max_demand = decider.between(std::size_t{1}, max_demand); break;
    }
    auto const highest = std::min(options.max_demand - 1, max_demand);
    if (decider.coin()) options.min_demand = decider.between(std::size_t{0}, highest);
    if (adaptive && decider.coin()) {
        constexpr std::chrono::nanoseconds targets[] = {std::chrono::nanoseconds(1), std::chrono::milliseconds(2),
                                                        std::chrono::hours(1)};
        options.adaptive.target_latency = targets[decider.choose(3)];
        options.adaptive.least_demand = decider.coin() ? 1 : options.max_demand / 2 + 1;
    }
    return options;
}

namespace {

auto draw_producer(chooser& decider, profile const& may) -> actor_plan {
    actor_plan plan;
    plan.is = may.externals && decider.choose(4) == 3 ? role::intake : role::producer;
    plan.handler = plan.is == role::producer && decider.coin();
    plan.manner = decider.choose(4);
    plan.events = decider.between(std::size_t{0}, may.events);
    plan.debts = may.debts && plan.handler && decider.coin();
    plan.stay_open = may.stay_open && decider.choose(4) == 3;
    if (may.overflow && decider.coin()) plan.buffer_size = decider.choose(4);
    return plan;
}

auto draw_receiver(chooser& decider, profile const& may, role is) -> actor_plan {
    actor_plan plan;
    plan.is = is;
    if (is == role::consumer && may.externals && decider.choose(4) == 3) plan.is = role::stream;
    plan.handler = plan.is != role::stream && decider.coin();
    plan.manner = decider.choose(4);
    plan.manual = may.manual && plan.handler && is == role::consumer && decider.choose(4) == 3;
    plan.stay_open = may.stay_open && plan.is != role::stream && decider.choose(4) == 3;
    if (plan.is == role::middle && may.overflow && decider.coin()) plan.buffer_size = decider.choose(4);
    if (may.early_ends && decider.choose(4) == 3) plan.return_at = decider.between(std::size_t{0}, std::size_t{6});
    return plan;
}

auto draw_subscription(chooser& decider, profile const& may, bool manual, std::size_t from) -> subscription_plan {
    subscription_plan plan{from, draw_options(decider, may.max_demand, may.adaptive && !manual)};
    if (manual) plan.options.demand_mode = sluice::demand_mode::manual;
    if (may.early_ends) {
        constexpr sluice::cancel_mode modes[] = {sluice::cancel_mode::transient, sluice::cancel_mode::temporary,
                                                 sluice::cancel_mode::permanent};
        plan.options.cancel = modes[decider.choose(3)];
    }
    return plan;
}

auto is_source(actor_plan const& plan, std::size_t from) -> bool {
    return std::ranges::any_of(plan.sources, [&](auto const& each) { return each.from == from; });
}

void draw_subscriptions(chooser& decider, profile const& may, graph_plan& graph) {
    std::vector<std::size_t> emitters;
    std::vector<bool> heard(graph.actors.size());
    for (std::size_t i = 0; i < graph.actors.size(); ++i) {
        auto& actor = graph.actors[i];
        if (is_receiver(actor.is)) {
            auto const wanted = decider.between(std::size_t{1}, std::min<std::size_t>(emitters.size(), 3));
            for (std::size_t k = 0; k < wanted; ++k) {
                auto const from = decider.pick(emitters);
                if (is_source(actor, from)) continue;
                actor.sources.push_back(draw_subscription(decider, may, actor.manual, from));
                heard[from] = true;
            }
        }
        if (is_emitter(actor.is)) emitters.push_back(i);
    }
    for (auto const from : emitters) {  // nobody emits to nobody
        if (heard[from]) continue;
        auto& last = graph.actors.back();
        last.sources.push_back(draw_subscription(decider, may, last.manual, from));
    }
}

void draw_disturbances(chooser& decider, profile const& may, graph_plan& graph) {
    auto const up_to = [&](std::size_t most) { return most == 0 ? 0 : decider.between(std::size_t{0}, most); };
    auto const step = [&] { return decider.between(std::size_t{0}, std::size_t{12}); };
    for (auto n = up_to(may.throws); n > 0; --n) decider.pick(graph.actors).throw_at = step();
    for (auto n = up_to(may.stops); n > 0; --n) {
        if (decider.coin()) {
            decider.pick(graph.actors).stop_at = step();
        } else {
            ++graph.stops;
        }
    }
    graph.cancels = up_to(may.cancels);
    graph.subscriptions = up_to(may.subscriptions);
    if (may.moves_throw) {
        graph.move_that_throws = decider.between(std::size_t{0}, std::size_t{60});
        graph.copy_that_throws = decider.between(std::size_t{0}, std::size_t{10});
    }
    graph.stop_run = may.stop_run && decider.coin();
}

}  // namespace

auto draw(chooser& decider, profile const& may) -> graph_plan {
    graph_plan graph;
    auto const producers = decider.between(std::size_t{1}, may.producers);
    auto const middles = decider.between(std::size_t{0}, may.middles);
    auto const consumers = decider.between(std::size_t{1}, may.consumers);
    for (std::size_t i = 0; i < producers; ++i) graph.actors.push_back(draw_producer(decider, may));
    for (std::size_t i = 0; i < middles; ++i) graph.actors.push_back(draw_receiver(decider, may, role::middle));
    for (std::size_t i = 0; i < consumers; ++i) graph.actors.push_back(draw_receiver(decider, may, role::consumer));
    for (auto& each : graph.actors) each.on_asio_strand = may.strands && decider.choose(4) == 3;
    draw_subscriptions(decider, may, graph);
    draw_disturbances(decider, may, graph);
    graph.together = !may.apart || decider.coin();
    graph.hesitant = may.hesitant;
    graph.max_demand = may.max_demand;
    graph.adaptive = may.adaptive;
    graph.exact = may.throws + may.stops + may.cancels + may.subscriptions == 0 && !may.stop_run && !may.moves_throw &&
                  !may.early_ends && !may.overflow;
    return graph;
}

auto tiny(std::size_t producers, std::size_t consumers, std::size_t events, bool handlers) -> graph_plan {
    graph_plan graph;
    graph.hesitant = false;
    graph.varied = false;
    actor_plan source;
    source.handler = handlers;
    source.events = events;
    actor_plan sink;
    sink.is = role::consumer;
    sink.handler = handlers;
    for (std::size_t i = 0; i < producers; ++i) {
        graph.actors.push_back(source);
        sink.sources.push_back({i, {.max_demand = 1, .min_demand = 0}});
    }
    for (std::size_t i = 0; i < consumers; ++i) graph.actors.push_back(sink);
    return graph;
}

auto tiny_chain(std::size_t events, bool handlers) -> graph_plan {
    auto graph = tiny(1, 1, events, handlers);
    auto middle = graph.actors.back();
    middle.is = role::middle;
    graph.actors.insert(graph.actors.begin() + 1, middle);
    graph.actors.back().sources.front().from = 1;
    return graph;
}

}  // namespace graphs
