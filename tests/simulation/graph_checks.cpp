#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>

#include "graph.hpp"

namespace graphs {

/// Demand that a handler knows of and has not met may leave everybody waiting; so may ends that stay open.
auto graph::may_be_stuck() const -> bool {
    return std::ranges::any_of(world_->actors, [](auto const& each) {
        return each->plan.stay_open || (each->plan.debts && each->debt > 0 && each->left() > 0);
    });
}

auto graph::all_ended() const -> bool {
    return std::ranges::all_of(runs_, [](auto const& each) { return each->results > 0; });
}

void graph::check_results() const {
    for (auto const& each : runs_) {
        invariant(each->results == 1, "a run completes once");
        check_error(each->error);
    }
    auto const& w = *world_;
    if (!w.may_lose()) w.book.check_each_exactly_once();
    if (!w.disturbed) {
        invariant(w.book.discarded_count() == 0, "events were discarded although nothing was disturbed");
    }
    if (w.plan.together && !w.stopped && w.failed && !runs_.empty()) {
        invariant(runs_.front()->error != nullptr, "a failure was not reported to who runs the stages");
    }
}

void graph::check_error(std::exception_ptr const& error) const {
    auto const& w = *world_;
    if (!error) return;
    try {
        std::rethrow_exception(error);
    } catch (planned_failure const& failure) {
        invariant(std::ranges::count(w.thrown, failure.number()) == 1, "a failure is reported that never was");
        invariant(w.thrown.size() > 1 || failure.number() == 1, "another failure than the first one is reported");
    } catch (event_failure const&) {
        invariant(w.may_lose(), "an event fails although nobody asked it to");
    } catch (asio::multiple_exceptions const& all) {  // as || puts it
        check_error(all.first_exception());
    } catch (boost::system::system_error const& failure) {
        if (failure.code() == sluice::errc::no_such_stage) {
            invariant(w.late, "a stage is missing although all were subscribed to before they ran");
        } else if (failure.code() == sluice::errc::producer_failed) {  // as async_receive puts it
            bool const first = w.plan.together && w.failed && w.thrown.size() == 1;
            invariant(!first && (!w.thrown.empty() || w.may_lose()),
                      "a consequence is reported instead of the first cause");
        } else {
            invariant(failure.code() == asio::error::operation_aborted, std::string("a run fails: ") + failure.what());
            invariant(w.stopped, "a run is aborted although nobody stopped it");
        }
    }
}

/// Where nothing was disturbed, who was told of a subscription was told of its end. (A stage that ends first is not.)
void graph::check_subscriptions() const {
    if (world_->disturbed) return;
    for (auto const& each : world_->actors) {
        if (each->plan.is != role::consumer) continue;
        for (auto const& known : each->producers) {
            invariant(known.ended, "a handler was not told of the end of a subscription");
        }
    }
}

void graph::check_nothing_left() {
    world_->subscriptions.clear();
    for (auto& each : runs_) each->stop.slot().clear();
    for (auto& each : world_->actors) {
        each->producers.clear();
        each->consumers.clear();
    }
    invariant(world_->frames.use_count() == 1,
              "bodies were left behind: " + std::to_string(world_->frames.use_count() - 1));
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        auto const core = peers_[i].core();
        invariant(core == nullptr || core->use_count() == 2,
                  "stage " + std::to_string(i) + " has ended, but others still refer to it");
    }
}

auto graph::disturb() -> asio::awaitable<void> {
    enum class kind { cancel, stop, subscribe, stop_run };
    auto& decider = world_->decider;
    std::vector<kind> left;
    left.insert(left.end(), world_->plan.cancels, kind::cancel);
    left.insert(left.end(), world_->plan.subscriptions, kind::subscribe);
    left.insert(left.end(), world_->plan.stops, kind::stop);
    if (world_->plan.stop_run) left.push_back(kind::stop_run);
    while (!left.empty()) {
        auto const patience = 1 + decider.choose(6);
        for (std::size_t i = 0; i < patience; ++i) co_await hesitate(world_->home);
        auto const chosen = left.begin() + static_cast<std::ptrdiff_t>(decider.choose(left.size()));
        auto const what = *chosen;
        left.erase(chosen);
        if (what == kind::cancel) cancel_one();
        if (what == kind::stop) stop_one();
        if (what == kind::stop_run) stop_a_run();
        if (what == kind::subscribe) co_await subscribe_late();
    }
}

void graph::stop_a_run() {
    world_->stopped = world_->disturbed = true;
    if (!runs_.empty()) world_->decider.pick(runs_)->stop.emit(asio::cancellation_type::terminal);
}

void graph::cancel_one() {
    auto& decider = world_->decider;
    std::vector<sluice::subscription> known;
    for (auto const& each : world_->actors) {
        for (auto const& s : each->producers) known.push_back(s.handle);
        for (auto const& s : each->consumers) known.push_back(s.handle);
    }
    for (auto const& [consumer, s] : world_->subscriptions) known.push_back(s);
    if (known.empty()) return;
    world_->disturbed = true;
    auto const& chosen = decider.pick(known);
    switch (decider.choose(3)) {
        case 0: chosen.cancel(); break;
        case 1: chosen.cancel(sluice::end_reason::shutdown()); break;
        default: chosen.cancel(sluice::end_reason(world_->fail())); break;
    }
}

void graph::stop_one() {
    auto const core = world_->decider.pick(peers_).core();
    if (!core) return;
    world_->stopped = world_->disturbed = true;
    core->stop();
}

/// A pair that was not subscribed before, so that the model of its window is beyond doubt.
auto graph::subscribe_late() -> asio::awaitable<void> {
    auto& decider = world_->decider;
    auto const to = decider.choose(peers_.size());
    auto const from = decider.choose(peers_.size());
    auto& a = *world_->actors[to];
    bool const possible = from < to && is_emitter(world_->actors[from]->plan.is) &&
                          (peers_[to].consumer || peers_[to].middle) && !a.plan.manual && !a.windows.contains(from);
    if (!possible) co_return;
    auto const options = draw_options(decider, world_->plan.max_demand, world_->plan.adaptive);
    auto& model = a.windows[from];
    model.options = options;
    model.open();
    world_->late = true;
    auto const source = source_of({from, options});
    auto const core = peers_[to].core();
    auto waiting = sluice::detail::async_subscribe<event>(core, *a.input, source, asio::use_awaitable);
    try {
        auto const s = co_await std::move(waiting);
        world_->subscriptions.emplace_back(to, s);
    } catch (boost::system::system_error const& error) {
        invariant(error.code() == sluice::errc::end_of_stream, "a subscription is refused for an odd reason");
    }
}

}  // namespace graphs
