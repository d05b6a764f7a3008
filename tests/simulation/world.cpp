#include "world.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>

namespace graphs {

void window::open() {
    if (options.demand_mode == sluice::demand_mode::automatic) ask(options.max_demand);
}

void window::ask(std::size_t n) {
    asked += n;
    outstanding += n;
}

void window::receive(std::size_t n) {
    received += n;
    unacknowledged += n;
    invariant(received <= asked,
              "a consumer received " + std::to_string(received) + " events but had asked for " + std::to_string(asked));
    if (options.demand_mode == sluice::demand_mode::manual) return;
    invariant(n <= options.max_demand - options.min(), "a batch is larger than max_demand - min_demand");
}

void window::acknowledge() {
    outstanding -= std::exchange(unacknowledged, 0);
    auto const asks_at = options.is_adaptive() ? options.max_demand : options.min();
    if (options.demand_mode == sluice::demand_mode::automatic && outstanding <= asks_at) {
        ask(options.max_demand - outstanding);
    }
}

auto actor::asked(std::size_t producer) const -> std::size_t {
    std::size_t sum = 0;
    if (auto const found = windows.find(producer); found != windows.end()) sum += found->second.asked;
    for (auto const& each : producers) sum += each.manual.asked;
    return sum;
}

auto actor::may_have_under_way() const -> std::size_t {
    std::size_t sum = 0;
    for (auto const& [producer, each] : windows) sum += each.options.max_demand;
    for (auto const& each : producers) sum += each.manual.outstanding;
    return sum;
}

world::world(simulation& where, graph_plan what)
    : home{where}, decider{where.get_chooser()}, plan{std::move(what)}, disturbed{!plan.exact} {
    for (auto const& each : plan.actors) {
        auto a = std::make_unique<actor>();
        a->in = this;
        a->id = actors.size();
        a->plan = each;
        for (auto const& source : each.sources) {
            if (each.manual) continue;
            auto& model = a->windows[source.from];
            model.options = source.options;
            model.open();
            // When each of several coroutines asks again is not for the model to know.
            if (a->is_shared()) model.ask(1'000'000'000);
        }
        actors.push_back(std::move(a));
    }
}

auto world::asked_of(std::size_t producer) const -> std::size_t {
    std::size_t sum = 0;
    for (auto const& each : actors) {
        if (is_receiver(each->plan.is)) reads("what was asked for by", each->id);
        sum += each->asked(producer);
    }
    return sum;
}

auto world::fail() -> std::exception_ptr {
    disturbed = true;
    thrown.push_back(thrown.size() + 1);
    return std::make_exception_ptr(planned_failure{thrown.back()});
}

namespace {
auto on_strand(actor& a) -> bool& {
    invariant(a.core == nullptr || a.core->running_here(), "a body or hook runs outside its stage's strand");
    return a.in_turn;
}
}  // namespace

turn::turn(actor& a) : alone_{on_strand(a)} {}

void step(actor& a) {
    auto const now = a.steps++;
    if (a.plan.stop_at == now && a.core != nullptr) {
        a.in->stopped = a.in->disturbed = true;
        a.core->stop();
    }
    if (a.plan.throw_at == now && a.core != nullptr) {
        a.in->failed = true;
        std::rethrow_exception(a.in->fail());
    }
}

auto returns_now(actor const& a) -> bool {
    bool const now = a.plan.return_at && a.steps >= *a.plan.return_at;
    if (now) a.in->disturbed = true;
    return now;
}

auto pause(self me) -> asio::awaitable<void> {
    if (!me.in->plan.hesitant) co_return;
    bool const hurried = me.in->decider.choose(4) != 3;
    if (hurried) co_return;
    co_await hesitate(me.in->home);
}

auto choose_size(actor& a, std::size_t wanted) -> std::size_t {
    auto& decider = a.in->decider;
    auto const enough = std::min<std::size_t>(wanted, 8);
    auto size = enough;
    if (a.in->plan.varied) {
        switch (decider.choose(5)) {
            case 0: break;
            case 1: size = 1; break;
            case 2: size = decider.between(std::size_t{0}, enough); break;
            case 3: size = enough + decider.between(std::size_t{1}, std::size_t{3}); break;
            default: size = decider.choose(4) == 3 ? 0 : 2; break;
        }
    }
    return std::min(size, a.left());
}

auto make_one(actor& a) -> event {
    ++a.made;
    return event{a.in->home.events(), a.in->book.emitted(a.id)};
}

void make(actor& a, events& to, std::size_t n) {
    for (; n > 0; --n) to.push_back(make_one(a));
}

void check_wanted(actor const& a, std::size_t wanted) {
    auto const asked = a.in->asked_of(a.id);
    invariant(a.made + wanted <= asked, "a producer with " + std::to_string(a.made) + " events emitted hears of " +
                                            std::to_string(wanted) + " more, but only " + std::to_string(asked) +
                                            " were asked for");
}

namespace {
auto find(std::vector<known_subscription>& all, sluice::subscription const& s) {
    return std::ranges::find_if(all, [&](auto const& each) { return each.handle == s; });
}
}  // namespace

void subscribed(std::vector<known_subscription>& all, sluice::subscription const& s) {
    invariant(find(all, s) == all.end(), "a handler is told twice of a subscription");
    all.push_back({s, false, {}});
}

void ended(std::vector<known_subscription>& all, sluice::subscription const& s) {
    auto const found = find(all, s);
    invariant(found != all.end(), "a handler is told of the end of a subscription that it does not know");
    invariant(!found->ended, "a handler is told twice of the end of a subscription");
    found->ended = true;
}

void check_under_way(actor const& a) {
    if (a.is_shared()) return;
    auto const queued = a.input != nullptr ? a.input->queued() : 0;
    auto const bound = a.may_have_under_way();
    invariant(queued + a.held <= bound, "a consumer has " + std::to_string(queued + a.held) +
                                            " events under way, but its max_demand is " + std::to_string(bound));
}

namespace {

void note(actor& a, events const& batch, std::size_t reader) {
    invariant(!batch.empty(), "an empty batch was received");
    a.held += batch.size();
    check_under_way(a);
    auto const from = batch.front().value().producer;
    for (auto const& each : batch) {
        invariant(each.value().producer == from, "a batch comes from two producers");
        a.in->book.received(a.id + reader * a.in->actors.size(), each.value());
    }
}

}  // namespace

void receive(actor& a, events const& batch, std::size_t reader) {
    note(a, batch, reader);
    auto const found = a.windows.find(batch.front().value().producer);
    invariant(found != a.windows.end(), "events came from a producer without a subscription");
    a.last = &found->second;
    a.last->receive(batch.size());
}

void receive(actor& a, events const& batch, sluice::subscription const& from) {
    auto const known = find(a.producers, from);
    invariant(known != a.producers.end(), "events came before their subscription was told of");
    invariant(!known->ended, "events came after their subscription had ended");
    if (!a.plan.manual) return receive(a, batch);
    note(a, batch, 0);
    a.last = &known->manual;
    a.last->receive(batch.size());
}

void acknowledge(actor& a) {
    a.held = 0;
    auto* const last = std::exchange(a.last, nullptr);
    if (last == nullptr) return;
    writes("what was asked for by", a.id);
    last->acknowledge();
}

void discard(world& w, events const& batch) {
    for (auto const& each : batch) w.book.discarded(each.value());
}

}  // namespace graphs
