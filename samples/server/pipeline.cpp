// The stages between the clients and the disk, put together.
#include "pipeline.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <functional>
#include <sluice/batcher.hpp>
#include <sluice/dispatcher/broadcast_dispatcher.hpp>
#include <sluice/flow/into.hpp>
#include <sluice/flow/on_error.hpp>
#include <sluice/flow/sources.hpp>
#include <sluice/flow/steps.hpp>
#include <sluice/run.hpp>
#include <utility>

#include "latch.hpp"
#include "parse.hpp"

namespace collector {

namespace flow = sluice::flow;

// [readme:stages]
pipeline::pipeline(options const& with, sluice::thread_pool& pool)
    : pool_(pool),
      letters_(with.dead_letters),
      db_(with.database, with.commit_delay),
      clients_(pool),
      batch_(sluice::batcher<event>(pool, {}, {.size = with.batch, .timeout = with.linger})),
      // One batch is written while the next one is gathered.
      store_(disk_, sluice::from(batch_, {.max_demand = 1}),
             sluice::broadcast_dispatcher<stored_event>({.when_nobody = sluice::when_nobody::drop}), store,
             std::ref(db_), std::ref(totals_)),
      kinds_(pool, sluice::from(store_), kind_counter()) {
    clients_.set_name("clients");
    batch_.set_name("batch");
    store_.set_name("store");
    kinds_.set_name("kinds");
}
// [readme:end]

// [readme:run]
auto pipeline::run() -> asio::awaitable<void> {
    auto const strand = co_await asio::this_coro::executor;
    latch both(strand);
    std::exception_ptr first;
    auto const note = [&first](std::exception_ptr error) {
        if (!first) first = error;
    };

    // Of a bad line the sink gets the exception, which has the line; nothing is copied.
    auto const events = flow::from(clients_, {.max_demand = 200}) |
                        flow::on_error(flow::report_to(letter_box{&letters_, &totals_})) |
                        flow::map(parse).named("parse");
    auto stored = [&note, hold = both.take()](std::exception_ptr error) { note(error); };
    auto parsed = [&note, hold = both.take()](std::exception_ptr error) { note(error); };
    sluice::async_run(store_, kinds_, asio::bind_executor(strand, std::move(stored)));
    flow::async_into(events, pool_, {.max_demand = 200}, batch_, asio::bind_executor(strand, std::move(parsed)));
    co_await both.wait();
    if (first) std::rethrow_exception(first);
}
// [readme:end]

auto pipeline::stored() const -> sluice::source<stored_event> { return sluice::from(store_); }

auto pipeline::kinds() -> asio::awaitable<std::map<std::string, std::uint64_t>> {
    return kinds_.async_visit<kind_counter>([](kind_counter& counter) { return counter.counts; });
}

// Of the last stage and all that it is subscribed to, up to the clients.
auto pipeline::snapshot() const -> sluice::graph_snapshot { return sluice::snapshot(kinds_); }

auto pipeline::live_readers() const -> std::size_t {
    auto const consumers = store_.stats().consumers;
    return consumers > 0 ? consumers - 1 : 0;  // without the one that counts
}

}  // namespace collector
