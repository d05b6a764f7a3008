#include "bodies.hpp"

namespace graphs {

auto watched_dispatcher::signal(std::size_t n) -> std::size_t {
    me_->signalled += n;
    invariant(me_->signalled == me_->demand.signalled() || me_->in->disturbed_demand(me_->id),
              "the producer was asked for " + std::to_string(me_->signalled) + " events in all, not for " +
                  std::to_string(me_->demand.signalled()));
    return n;
}

void handler::asked_to_subscribe(sluice::subscription const& s) {
    subscribed(me_->producers, s);
    if (!me_->plan.manual) return;
    auto& known = me_->producers.back();
    known.manual.options.demand_mode = sluice::demand_mode::manual;
    took(0, s);
}

void handler::take(events const& batch, sluice::subscription const& from) { receive(*me_.me, batch, from); }

/// Asks for as many again, or for some more when all have come, in one ask or several.
void handler::took(std::size_t n, sluice::subscription const& from) {
    acknowledge(*me_.me);
    if (!me_->plan.manual) return;
    auto& decider = me_.in->decider;
    for (auto& each : me_->producers) {
        if (each.handle != from || each.ended) continue;
        bool const rarely = me_->plan.manner % 2 == 1;
        if (rarely && each.manual.received < each.manual.asked) return;
        if (rarely || n == 0) n = 1 + decider.choose(4);
        while (n > 0) {
            auto const now = 1 + decider.choose(n);
            writes("what was asked for by", me_->id);
            each.manual.ask(now);
            auto const error = from.ask(static_cast<std::ptrdiff_t>(now));
            invariant(!error, "an ask is refused");
            n -= now;
        }
    }
}

void source_handler::handle_subscribe(sluice::subscription const& s) {
    call const now{*me().me};
    subscribed(me()->consumers, s);
    step(*me().me);
}

void source_handler::handle_cancel(sluice::end_reason const&, sluice::subscription const& s) {
    call const now{*me().me};
    ended(me()->consumers, s);
    step(*me().me);
}

void source_handler::hear(std::size_t demand) {
    auto& a = *me().me;
    a.told += demand;
    a.debt += demand;
    invariant(a.told == a.signalled, "handle_demand was told of " + std::to_string(a.told) +
                                         " events in all, but the dispatcher asked for " + std::to_string(a.signalled));
    step(a);
}

auto source_handler::answer() -> sluice::emission<event> {
    auto& a = *me().me;
    auto& decider = me().in->decider;
    auto n = a.debt;
    if (a.plan.debts) n = decider.between(std::size_t{0}, a.debt);
    if (a.plan.buffer_size < 10) n += decider.choose(4);
    n = std::min(n, a.left());
    a.debt -= std::min(n, a.debt);
    events batch;
    make(a, batch, n);
    if (a.left() == 0) return sluice::emission<event>::last(std::move(batch));
    return batch;
}

auto prompt_source::handle_demand(std::size_t n) -> sluice::emission<event> {
    call const now{*me().me};
    hear(n);
    return answer();
}

auto slow_source::handle_demand(std::size_t n) -> asio::awaitable<sluice::emission<event>> {
    call const now{*me().me};
    hear(n);
    co_await pause(me());
    co_return answer();
}

void sink_handler::handle_subscribe(sluice::subscription const& s) {
    call const now{*me().me};
    step(*me().me);
    asked_to_subscribe(s);
}

void sink_handler::handle_cancel(sluice::end_reason const&, sluice::subscription const& s) {
    call const now{*me().me};
    ended(me()->producers, s);
    step(*me().me);
}

void prompt_sink::handle_events(events batch, sluice::subscription const& from) {
    call const now{*me().me};
    take(batch, from);
    step(*me().me);
    if (returns_now(*me().me)) from.cancel();
    took(batch.size(), from);
}

auto slow_sink::handle_events(events batch, sluice::subscription const& from) -> asio::awaitable<void> {
    call const now{*me().me};
    take(batch, from);
    step(*me().me);
    co_await pause(me());
    check_under_way(*me().me);
    if (returns_now(*me().me)) from.cancel();
    took(batch.size(), from);
}

void middle_handler::handle_subscribe(sluice::subscription const& s) {
    call const now{*me().me};
    subscribed(me()->producers, s);
    step(*me().me);
}

void middle_handler::handle_cancel(sluice::end_reason const&, sluice::subscription const& s) {
    call const now{*me().me};
    ended(me()->producers, s);
    step(*me().me);
}

auto middle_handler::answer(std::size_t n) -> sluice::emission<event> {
    auto& a = *me().me;
    if (me().in->plan.varied) n = me().in->decider.choose(n + 2);
    events batch;
    make(a, batch, n);
    acknowledge(a);
    if (returns_now(a)) return sluice::emission<event>::last(std::move(batch));
    return batch;
}

auto prompt_middle::handle_events(events batch, sluice::subscription const& from) -> sluice::emission<event> {
    call const now{*me().me};
    take(batch, from);
    step(*me().me);
    return answer(batch.size());
}

auto slow_middle::handle_events(events batch, sluice::subscription const& from)
    -> asio::awaitable<sluice::emission<event>> {
    call const now{*me().me};
    take(batch, from);
    step(*me().me);
    co_await pause(me());
    co_return answer(batch.size());
}

}  // namespace graphs
