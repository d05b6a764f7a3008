// When is a second thread worth it? One thread against two, by the work that an event takes in each of two stages.
#include <algorithm>
#include <sluice/thread_pool.hpp>
#include <string>
#include <vector>

#include "curves.hpp"
#include "pipelines.hpp"

namespace {

using namespace sluice::benchmarks;

// So that each point takes some 20 ms; and enough that the first batch and the last, for which one thread is idle, do
// not count.
auto events_for(double work, std::size_t batch) -> std::uint64_t {
    auto const each = 2 * work + (batch > 1 ? 8 : 40);
    return std::max(static_cast<std::uint64_t>(20e6 / each), std::uint64_t{80} * batch);
}

void compare(figures& all, std::string const& how, chain const& what) {
    sluice::thread_pool one(1);
    sluice::thread_pool two(2);
    auto const on = [&](sluice::thread_pool& pool) {
        return [&pool, what](double work) {
            auto now = what;
            now.work = work;
            now.events = events_for(work, what.batch);
            return time_of(pool, now);
        };
    };
    curve_figures head;
    head.name = "one thread or two: " + how;
    head.x = "ns of work for an event in each of two stages";
    head.y = "ns an event";
    auto const works = std::vector<double>{0, 10, 30, 60, 100, 200, 500, 1000};
    auto curve = all.measure(std::move(head), works, {{"one thread", on(one)}, {"two threads", on(two)}});
    for (double const work : works) {
        auto const& alone = values_at(curve, "one thread", work);
        auto const& both = values_at(curve, "two threads", work);
        fact_figures fact;
        fact.name = "two threads, " + how + ", " + std::to_string(static_cast<int>(work)) + " ns of work";
        fact.unit = "times as fast as one";
        fact.values = ratios(alone, both);
        fact.target.at_least = work >= 200 ? 1.8 : 1 / 1.1;
        all.add(std::move(fact));
    }
    all.add(std::move(curve));
}

}  // namespace

auto main(int argc, char** argv) -> int {
    return run_program("two_threads", argc, argv, 5, [](figures& all) {
        auto const if_wanted = [&all](std::string const& how, chain const& what) {
            if (!all.wanted("one thread or two: " + how)) return;
            all.when_quiet([&] { compare(all, how, what); });
        };
        if_wanted("512 events a batch", {.stages = 3, .batch = 512});
        if_wanted("16 events a batch", {.stages = 3, .batch = 16});
        if_wanted("16 events a batch and 128 under way", {.stages = 3, .batch = 16, .max_demand = 128});
        if_wanted("single events", {.stages = 3, .batch = 1});
    });
}
