#include "pipelines.hpp"

#include <algorithm>
#include <boost/asio/use_future.hpp>
#include <deque>
#include <functional>
#include <ranges>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <vector>

#include "curves.hpp"
#include "work.hpp"

namespace sluice::benchmarks {

/// What a stage's body needs to know; named, because GCC warns of frames that hold types without a name for the linker.
struct chain_terms {
    std::uint64_t last;
    std::size_t batch;
    std::size_t turns;  // of the work's loop, an event
};

namespace {

// A chain of multiplications, each of which needs the one before; it goes on from event to event, so that a processor
// cannot work on two events at a time.
[[gnu::noinline]] void work_on(event* first, event* last, std::size_t turns) {
    event state = 1;
    for (; first != last; ++first) {
        for (std::size_t i = 0; i < turns; ++i) state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        ++*first;
    }
    asm volatile("" : : "r"(state));
}
void treat(event* first, event* last, std::size_t turns) {
    turns == 0 ? add_one(first, last) : work_on(first, last, turns);
}

auto turns_for(double nanoseconds) -> std::size_t {
    if (nanoseconds <= 0) return 0;
    static double const one = [] {
        std::vector<event> few(64);
        double least = 1e9;
        for (int i = 0; i < 20; ++i) {
            auto const began = now_ns();
            work_on(few.data(), few.data() + few.size(), 1000);
            least = std::min(least, static_cast<double>(now_ns() - began) / 64'000);
        }
        return least;
    }();
    return std::max<std::size_t>(1, static_cast<std::size_t>(nanoseconds / one + 0.5));
}

auto source_of(outlet<event>& out, chain_terms terms) -> asio::awaitable<void> {
    for (event next = 0; next < terms.last;) {
        auto batch = out.make_batch();
        fill(batch, next, std::min<event>(terms.batch, terms.last - next));
        next += batch.size();
        co_await out.emit(std::move(batch));
    }
}
auto single_source_of(outlet<event>& out, chain_terms terms) -> asio::awaitable<void> {
    for (event next = 0; next < terms.last; ++next) co_await out.emit(next);
}
auto adding(inlet<event>& in, outlet<event>& out, chain_terms terms) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) {
        treat(batch->data(), batch->data() + batch->size(), terms.turns);
        co_await out.emit(std::move(*batch));
    }
}
auto summing(inlet<event>& in, event& total, chain_terms terms) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) {
        if (terms.turns > 0) treat(batch->data(), batch->data() + batch->size(), terms.turns);
        total += sum(batch->data(), batch->data() + batch->size());
    }
}

void check(event got, event expected) {
    if (got == expected) return;
    throw std::runtime_error("wrong sum: " + std::to_string(got) + " instead of " + std::to_string(expected));
}

// So many as by default, so that small batches differ from single events in nothing else.
constexpr std::size_t demand_at_least = 1000;

auto demand_of(std::size_t batch) -> subscribe_options {
    subscribe_options result;  // the default for single events
    if (batch > 1) result.max_demand = std::max<std::size_t>(8 * batch, demand_at_least);
    return result;
}

auto since(std::uint64_t began, std::uint64_t events) -> double {
    return static_cast<double>(now_ns() - began) / static_cast<double>(events);
}

}  // namespace

auto time_of(asio::any_io_executor const& executor, chain const& what) -> double {
    chain_terms const terms{what.events, what.batch, turns_for(what.work)};
    auto demand = demand_of(what.batch);
    if (what.max_demand > 0) demand.max_demand = what.max_demand;
    event total = 0;
    auto const began = now_ns();
    producer<event> numbers(executor, what.batch > 1 ? source_of : single_source_of, terms);
    std::deque<producer_consumer<event, event>> between;
    auto last = from(numbers, demand);
    for (std::size_t i = 2; i < what.stages; ++i) {
        between.emplace_back(executor, last, adding, terms);
        last = from(between.back(), demand);
    }
    consumer<event> summed(executor, last, summing, std::ref(total), terms);
    stage_group all(executor);
    all.add(summed);
    for (auto& each : std::views::reverse(between)) all.add(each);
    all.add(numbers);
    all.async_join(asio::use_future).get();
    auto const took = since(began, what.events);
    auto const adders = what.stages - 2 + (terms.turns > 0 ? 1 : 0);
    check(total, what.events * (what.events - 1) / 2 + adders * what.events);
    return took;
}

auto time_of(asio::any_io_executor const& executor, partitioned const& what) -> double {
    chain_terms const terms{what.events, what.batch, 0};
    std::vector<event> totals(what.consumers * 8);  // each in a line of the cache of its own
    auto const began = now_ns();
    producer<event> numbers(executor, partition_dispatcher<event>(what.consumers),
                            what.batch > 1 ? source_of : single_source_of, terms);
    std::deque<consumer<event>> sums;
    for (std::size_t i = 0; i < what.consumers; ++i) {
        auto demand = demand_of(what.batch);
        demand.partition = i;
        sums.emplace_back(executor, from(numbers, demand), summing, std::ref(totals[i * 8]), terms);
    }
    stage_group all(executor);
    for (auto& each : sums) all.add(each);
    all.add(numbers);
    all.async_join(asio::use_future).get();
    auto const took = since(began, what.events);
    event total = 0;
    for (event const each : totals) total += each;
    check(total, what.events * (what.events - 1) / 2);
    return took;
}

}  // namespace sluice::benchmarks
