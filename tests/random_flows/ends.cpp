// The end of a random flow: a terminal operation, and the comparison.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <sluice/testing/invariant.hpp>
#include <utility>

#include "grown.hpp"

namespace equivalence {

namespace asio = boost::asio;
using sluice::testing::fail;
using sluice::testing::invariant;

namespace {

using events = std::vector<event>;

/// What is known when a flow is run.
struct ending {
    grown const& g;
    asio::any_io_executor const& executor;
    waiter const& wait;

    /// Runs it by `start(flow, handler)`; answers what it gives.
    template <class Result, class Start>
    auto operator()(any_flow const& of, Start const& start) const -> Result {
        auto const flow = of.pipe();
        auto const given = std::make_shared<std::promise<Result>>();  // its handler may still return when we go on
        auto future = given->get_future();
        start(flow, [given](std::exception_ptr error, Result result) {
            if (error) return given->set_exception(error);
            given->set_value(std::move(result));
        });
        wait([&](std::chrono::seconds most) { return future.wait_for(most) == std::future_status::ready; });
        return future.get();
    }
    /// The same for operations that give nothing.
    template <class Start>
    void run(any_flow const& of, Start const& start) const {
        operator()<int>(of, [&](auto const& flow, auto handler) {
            start(flow, [handler](std::exception_ptr error) mutable { handler(error, 0); });
        });
    }
};

auto text_of(numbers const& all) -> std::string {
    std::string text;
    for (auto const v : all) text += (text.empty() ? "" : " ") + std::to_string(v);
    return "[" + text + "]";
}

void compare(numbers const& got, numbers const& expected, char const* what) {
    if (got != expected) fail(std::string(what) + ": got " + text_of(got) + ", plain loops give " + text_of(expected));
}

auto sorted(numbers all) -> numbers {
    std::ranges::sort(all);
    return all;
}
auto values_of(events const& all) -> numbers {
    numbers values;
    for (auto const& each : all) values.push_back(each.value);
    return values;
}

/// All of them, in some order; and if one stage emits them in an order that is known, in that.
void compare_all(grown const& g, numbers const& got) {
    compare(sorted(got), sorted(g.expected.all()), "all events");
    if (g.expected.count == 1 && g.expected.ordered) compare(got, g.expected.all(), "their order");
}

/// The same, and what each stage has emitted, by its stamps: as a set of stages, for their numbers are not known.
void compare_stages(grown const& g, events const& got) {
    compare_all(g, values_of(got));
    std::map<std::uint32_t, numbers> by_stage;
    std::map<std::uint32_t, std::uint32_t> last;
    for (auto const& each : got) {
        invariant(each.count == last[each.from] + 1, "what a stage emits arrives in its order, and all of it");
        last[each.from] = each.count;
        by_stage[each.from].push_back(each.value);
    }
    if (!g.expected.placed) return;
    std::multiset<numbers> real;
    std::multiset<numbers> plain;
    for (auto const& [id, values] : by_stage) real.insert(g.expected.ordered ? values : sorted(values));
    for (auto const& values : g.expected.stages) {
        if (!values.empty()) plain.insert(g.expected.ordered ? values : sorted(values));
    }
    invariant(real == plain, "each stage has the events that plain loops give it");
}

auto with_stamps(any_flow const& flow) -> any_flow {
    any_steps stamp;
    stamp.makers.push_back(stamping());
    return any_flow(flow.pipe().with(stamp));
}

void collect(ending const& end) {
    auto const start = [&](auto const& f, auto handler) { flow::async_collect(f, end.executor, std::move(handler)); };
    compare_stages(end.g, end.operator()<events>(with_stamps(end.g.flow), start));
}

void collect_unstamped(ending const& end) {
    auto const start = [&](auto const& f, auto handler) { flow::async_collect(f, end.executor, std::move(handler)); };
    compare_all(end.g, values_of(end.operator()<events>(end.g.flow, start)));
}

void to_set(ending const& end) {
    using set = std::multiset<event>;
    auto const start = [&](auto const& f, auto handler) { flow::async_to<set>(f, end.executor, std::move(handler)); };
    auto const got = end.operator()<set>(end.g.flow, start);
    compare(values_of(events(got.begin(), got.end())), sorted(end.g.expected.all()), "a set of all");
}

void for_each(ending const& end) {
    events got;
    end.run(with_stamps(end.g.flow), [&](auto const& f, auto handler) {
        flow::async_for_each(
            f, end.executor, [&](event const& e) { got.push_back(e); }, std::move(handler));
    });
    compare_stages(end.g, got);
}

auto append(event e, events& got) -> asio::awaitable<void> {
    got.push_back(e);
    co_return;
}

void for_each_async(ending const& end) {
    events got;
    end.run(with_stamps(end.g.flow), [&](auto const& f, auto handler) {
        auto const fn = [&got](event const& e) { return append(e, got); };
        flow::async_for_each_async(f, end.executor, fn, std::move(handler));
    });
    compare_stages(end.g, got);
}

auto receive_all(sluice::inlet<event>& in, events& got) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) got.insert(got.end(), batch->begin(), batch->end());
}

void into(ending const& end) {
    events got;
    sluice::consumer<event> receiving(end.executor, {}, receive_all, std::ref(got));
    end.run(with_stamps(end.g.flow),
            [&](auto const& f, auto handler) { flow::async_into(f, end.executor, receiving, std::move(handler)); });
    compare_stages(end.g, got);
}

void sink(ending const& end) {
    events got;
    end.run(with_stamps(end.g.flow), [&](auto const& f, auto handler) {
        auto const sunk = f | flow::sink(receive_all, std::ref(got));
        flow::async_run(sunk, end.executor, std::move(handler));
    });
    compare_stages(end.g, got);
}

/// By a producer that somebody else runs, with a consumer of it.
void as_producer(ending const& end) {
    events got;
    end.run(with_stamps(end.g.flow), [&](auto const& f, auto handler) {
        auto const given = flow::as_producer(f, end.executor);
        sluice::consumer<event> const receiving(end.executor, sluice::from(given), receive_all, std::ref(got));
        sluice::async_run(given, receiving, std::move(handler));
    });
    compare_stages(end.g, got);
}

auto draw_all(sluice::stream<event> drawn, events& got) -> asio::awaitable<void> {
    while (auto batch = co_await drawn.receive()) got.insert(got.end(), batch->begin(), batch->end());
}

void stream(ending const& end) {
    events got;
    end.run(with_stamps(end.g.flow), [&](auto const& f, auto handler) {
        asio::co_spawn(end.executor, draw_all(flow::stream(f, end.executor), got), std::move(handler));
    });
    compare_stages(end.g, got);
}

void count(ending const& end) {
    auto const start = [&](auto const& f, auto handler) { flow::async_count(f, end.executor, std::move(handler)); };
    auto const got = end.operator()<std::size_t>(end.g.flow, start);
    compare({number(got)}, {number(end.g.expected.size())}, "the count");
}

void sum(ending const& end) {
    auto const start = [&](auto const& f, auto handler) { flow::async_sum(f, end.executor, std::move(handler)); };
    auto const all = end.g.expected.all();
    auto const got = end.operator()<event>(end.g.flow, start);
    compare({got.value}, {std::accumulate(all.begin(), all.end(), number(0))}, "the sum");
}

void reduce_all(ending const& end) {
    auto const start = [&](auto const& f, auto handler) {
        auto const fn = [](numbers& all, event const& e) { all.push_back(e.value); };
        auto const merge = [](numbers& all, numbers const& more) { all.insert(all.end(), more.begin(), more.end()); };
        flow::async_reduce_all(f, end.executor, numbers(), fn, merge, std::move(handler));
    };
    auto const got = end.operator()<numbers>(end.g.flow, start);
    compare(sorted(got), sorted(end.g.expected.all()), "all events, reduced");
}

void first(ending const& end) {
    using maybe = std::optional<event>;
    auto const start = [&](auto const& f, auto handler) { flow::async_first(f, end.executor, std::move(handler)); };
    auto const got = end.operator()<maybe>(end.g.flow, start);
    auto const all = end.g.expected.all();
    invariant(got.has_value() == !all.empty(), "there is a first event if there is any");
    if (!got) return;
    invariant(std::ranges::count(all, got->value) > 0, "the first event is one of them");
    if (end.g.expected.count == 1 && end.g.expected.ordered) compare({got->value}, {all.front()}, "the first");
}

void run_for_effects(ending const& end) {
    auto const seen = std::make_shared<std::atomic<number>>(0);
    any_steps steps;
    steps.makers.push_back(maker_of(flow::tap([seen](event const& e) { *seen += e.value; })));
    end.run(any_flow(end.g.flow.pipe().with(steps)),
            [&](auto const& f, auto handler) { flow::async_run(f, end.executor, std::move(handler)); });
    auto const all = end.g.expected.all();
    compare({*seen}, {std::accumulate(all.begin(), all.end(), number(0))}, "the effects");
}

struct terminal {
    char const* name;
    void (*run)(ending const&);
};

constexpr terminal terminals[] = {
    {"collect", collect},
    {"collect without stamps", collect_unstamped},
    {"to a set", to_set},
    {"for_each", for_each},
    {"for_each_async", for_each_async},
    {"into", into},
    {"sink", sink},
    {"as_producer", as_producer},
    {"stream", stream},
    {"count", count},
    {"sum", sum},
    {"reduce_all", reduce_all},
    {"first", first},
    {"run", run_for_effects},
};

}  // namespace

void run_and_compare(chooser& decide, grown const& g, asio::any_io_executor const& executor, waiter const& wait) {
    auto const& end = decide.pick(terminals);
    try {
        end.run({g, executor, wait});
    } catch (std::exception const& error) {
        fail(g.text + " | " + end.name + ": " + error.what());
    }
}

}  // namespace equivalence
