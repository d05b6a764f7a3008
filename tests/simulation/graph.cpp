#include "graph.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sluice/detail/access.hpp>

namespace graphs {

namespace {
graph* the_graph = nullptr;
}

auto running_graph() noexcept -> graph* { return the_graph; }

auto graph::peer::core() const -> sluice::detail::stage_ptr {
    if (producer) return sluice::detail::access::core(*producer);
    if (middle) return sluice::detail::access::core(*middle);
    if (consumer) return sluice::detail::access::core(*consumer);
    return nullptr;
}

graph::graph(simulation& home, graph_plan plan) : world_{std::make_shared<world>(home, std::move(plan))} {
    the_graph = this;
    peers_.resize(world_->actors.size());
    for (std::size_t i = 0; i < peers_.size(); ++i) build(*world_->actors[i], peers_[i]);
}

graph::~graph() {
    the_graph = nullptr;
    for (auto& each : world_->actors) {
        each->core = nullptr;
        each->input = nullptr;
    }
    world_->subscriptions.clear();
}

auto graph::source_of(subscription_plan const& plan) const -> sluice::source<event> {
    auto const& from = peers_[plan.from];
    if (from.producer) return sluice::from(*from.producer, plan.options);
    if (from.middle) return sluice::from(*from.middle, plan.options);
    return sluice::from(*from.intake, plan.options);
}

auto graph::sources_of(actor_plan const& plan) const -> sluice::sources<event> {
    std::vector<sluice::source<event>> all;
    for (auto const& each : plan.sources) all.push_back(source_of(each));
    return all;
}

auto graph::executor_of(actor const& a) const -> asio::any_io_executor {
    if (a.plan.on_asio_strand) return asio::make_strand(world_->home);
    return world_->home.get_executor();
}

void graph::build(actor& a, peer& p) {
    auto const executor = executor_of(a);
    switch (a.plan.is) {
        case role::producer: build_producer(a, p); break;
        case role::intake: p.intake = std::make_unique<sluice::intake<event>>(executor); break;
        case role::middle: build_middle(a, p); break;
        case role::consumer: build_consumer(a, p); break;
        case role::stream: p.stream = std::make_unique<sluice::stream<event>>(executor, sources_of(a.plan)); break;
    }
    watch(a, p);
}

void graph::build_producer(actor& a, peer& p) {
    auto const executor = executor_of(a);
    self me{world_, a};
    auto options = sluice::outlet_options{.buffer_size = a.plan.buffer_size};
    if (a.plan.stay_open) options.on_last_cancel = sluice::on_last_cancel::stay_open;
    if (!a.plan.handler) {
        p.producer.emplace(executor, options, &produce, me);
    } else if (a.plan.manner < 2) {
        p.producer.emplace(executor, options, prompt_source{me}, watched_dispatcher{a});
    } else {
        p.producer.emplace(executor, options, slow_source{me}, watched_dispatcher{a});
    }
}

void graph::build_middle(actor& a, peer& p) {
    auto const executor = executor_of(a);
    auto const from = sources_of(a.plan);
    self me{world_, a};
    sluice::stage_options options;
    options.out.buffer_size = a.plan.buffer_size;
    options.in.stay_open = a.plan.stay_open;
    if (!a.plan.handler) {
        p.middle.emplace(executor, from, options, &convert, me);
    } else if (a.plan.manner < 2) {
        p.middle.emplace(executor, from, options, prompt_middle{me});
    } else {
        p.middle.emplace(executor, from, options, slow_middle{me});
    }
    a.input = &sluice::detail::access::input(*p.middle);
}

void graph::build_consumer(actor& a, peer& p) {
    auto const executor = executor_of(a);
    auto const from = sources_of(a.plan);
    self me{world_, a};
    sluice::inlet_options const options{.stay_open = a.plan.stay_open};
    if (!a.plan.handler) {
        p.consumer.emplace(executor, from, options, &consume, me);
    } else if (a.plan.manner < 2) {
        p.consumer.emplace(executor, from, options, prompt_sink{me});
    } else {
        p.consumer.emplace(executor, from, options, slow_sink{me});
    }
    a.input = &sluice::detail::access::input(*p.consumer);
}

/// Discards are noted wherever they may be, and come on the strand.
void graph::watch(actor& a, peer& p) {
    auto const note = [w = world_.get(), &a](events lost, sluice::discard_reason) {
        turn const now{a};
        invariant(!lost.empty(), "a discard of nothing is reported");
        discard(*w, lost);
    };
    if (p.producer) p.producer->on_discard(note);
    if (p.middle) p.middle->on_discard_in(note);
    if (p.middle) p.middle->on_discard_out(note);
    if (p.consumer) p.consumer->on_discard(note);
    if (p.intake) p.intake->on_discard(note);
    if (p.stream) p.stream->on_discard(note);
    a.core = p.core().get();
}

void graph::start() {
    auto& home = world_->home;
    std::vector<sluice::detail::stage_ptr> together;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        auto& p = peers_[i];
        self me{world_, *world_->actors[i]};
        if (p.intake) {
            auto const feeders = std::make_shared<std::size_t>(1 + me->plan.manner % 2);
            for (auto n = *feeders; n > 0; --n) spawn(home, feed(*p.intake, me, feeders));
        } else if (p.stream) {
            auto const readers = me->is_shared() ? 2U : 1U;
            for (std::size_t n = 0; n < readers; ++n) spawn(home, draw_from(*p.stream, me, n));
        } else if (world_->plan.together) {
            together.push_back(p.core());
        } else {
            start_run({p.core()});
        }
    }
    if (!together.empty()) start_run(std::move(together));
    auto const disturbances = world_->plan.cancels + world_->plan.stops + world_->plan.subscriptions;
    if (disturbances > 0 || world_->plan.stop_run) spawn(home, disturb());
}

void graph::start_run(std::vector<sluice::detail::stage_ptr> stages) {
    auto& run = *runs_.emplace_back(std::make_unique<running>());
    auto token = asio::bind_cancellation_slot(run.stop.slot(), [&run](std::exception_ptr error) {
        names_all_it_shares();
        ++run.results;
        run.error = std::move(error);
    });
    asio::async_initiate<decltype(token), void(std::exception_ptr)>(sluice::detail::start_run(), token,
                                                                    std::move(stages));
}

void graph::run() {
    auto& home = world_->home;
    home.events().throw_on_move(world_->plan.move_that_throws);
    home.events().throw_on_copy(world_->plan.copy_that_throws);
    start();
    auto const over = [&] { return home.stopped() || home.destroyed(); };
    auto result = home.run();
    if (over()) return;
    home.events().throw_on_move(0);
    home.events().throw_on_copy(0);
    invariant(!result.budget_exhausted, "the graph never comes to rest");
    if (!all_ended() && may_be_stuck()) {
        stop_all();
        result = home.run();
        if (over()) return;
    }
    invariant(!result.budget_exhausted, "the graph never comes to rest after it was stopped");
    invariant(all_ended(), "nothing is left to run, but not all stages have ended");
    invariant(result.complete(), "all stages have ended, but work is outstanding");
    check_results();
    check_subscriptions();
    check_nothing_left();
}

void graph::stop_all() {
    world_->stopped = world_->disturbed = true;
    for (auto& p : peers_) {
        if (p.producer) p.producer->stop();
        if (p.middle) p.middle->stop();
        if (p.consumer) p.consumer->stop();
        if (p.intake) p.intake->close();
        if (p.stream) p.stream->close();
    }
}

void run_random_graph(simulation& home, profile const& may) {
    graph random{home, draw(home.get_chooser(), may)};
    random.run();
}

}  // namespace graphs
