// How the time for an event grows with the number of stages, of events a batch, of threads, and of events altogether.
#include <algorithm>
#include <memory>
#include <sluice/thread_pool.hpp>
#include <string>
#include <vector>

#include "curves.hpp"
#include "pipelines.hpp"

namespace {

using namespace sluice::benchmarks;

auto pool_of(std::size_t threads) -> std::shared_ptr<sluice::thread_pool> {
    return std::make_shared<sluice::thread_pool>(threads);
}

auto head_of(std::string name, std::string x, std::string y) -> curve_figures {
    curve_figures head;
    head.name = std::move(name);
    head.x = std::move(x);
    head.y = std::move(y);
    head.x_log = true;
    return head;
}

auto count(double x) -> std::size_t { return static_cast<std::size_t>(x); }

void against_stages(figures& all) {
    auto const at = [](std::size_t threads, std::size_t batch, double work) {
        return [pool = pool_of(threads), batch, work](double stages) {
            chain what{.stages = count(stages), .batch = batch, .work = work};
            auto const each = (batch > 1 ? 0.6 : 10) + work;
            what.events = static_cast<std::uint64_t>(std::max(15e6 / each / stages, 20e3));
            return time_of(*pool, what) / stages;
        };
    };
    all.add(all.measure(head_of("growth with stages", "stages", "ns an event and stage"), {2, 4, 8, 16, 32, 64},
                        {{"512 a batch, one thread", at(1, 512, 0)},
                         {"512 a batch, two threads", at(2, 512, 0)},
                         {"single events, one thread", at(1, 1, 0)},
                         {"single events, two threads", at(2, 1, 0)},
                         {"512 a batch, 60 ns of work, one thread", at(1, 512, 60)},
                         {"512 a batch, 60 ns of work, two threads", at(2, 512, 60)}}));
}

void against_batch(figures& all) {
    auto const at = [](std::size_t threads, bool limited = false) {
        return [pool = pool_of(threads), limited](double batch) {
            chain const what{.events = static_cast<std::uint64_t>(15e6 / (1.5 + 200 / batch)),
                             .batch = count(batch),
                             .max_demand = limited ? count(8 * batch) : 0};
            return time_of(*pool, what);
        };
    };
    all.add(all.measure(head_of("growth with the batch", "events a batch", "ns an event, 4 stages"),
                        {1, 2, 4, 16, 64, 256, 1024, 4096},
                        {{"one thread", at(1)},
                         {"two threads", at(2)},
                         {"room for eight batches, one thread", at(1, true)},
                         {"room for eight batches, two threads", at(2, true)}}));
}

void against_threads(figures& all) {
    auto const at = [](std::size_t batch, double work) {
        return [batch, work](double threads) {
            sluice::thread_pool pool(count(threads));
            chain what{.stages = 8, .batch = batch, .work = work};
            what.events = static_cast<std::uint64_t>(30e6 / 8 / ((batch > 1 ? 0.6 : 10) + work));
            return time_of(pool, what);
        };
    };
    auto const partition = [](std::size_t batch) {
        return [batch](double threads) {
            sluice::thread_pool pool(count(threads));
            return time_of(pool, partitioned{.events = batch > 1 ? 500'000U : 100'000U, .batch = batch});
        };
    };
    auto curve = all.measure(head_of("growth with threads", "threads", "ns an event"), {1, 2, 4, 8, 16},
                             {{"8 stages, 512 a batch", at(512, 0)},
                              {"8 stages, 16 a batch", at(16, 0)},
                              {"8 stages, single events", at(1, 0)},
                              {"8 stages, 512 a batch, 60 ns of work", at(512, 60)},
                              {"8 stages, 16 a batch, 200 ns of work", at(16, 200)},
                              {"8 stages, single events, 200 ns of work", at(1, 200)},
                              {"partition to 4, 512 a batch", partition(512)},
                              {"partition to 4, single events", partition(1)}});
    for (auto const& line : curve.all) {
        for (double const threads : {4.0, 8.0, 16.0}) {
            fact_figures fact;
            fact.name = std::to_string(count(threads)) + " threads, " + line.name;
            fact.unit = "times as long as with two";
            fact.values = ratios(values_at(curve, line.name, threads), values_at(curve, line.name, 2));
            fact.target.at_most = 1.25;
            all.add(std::move(fact));
        }
    }
    all.add(std::move(curve));
}

void against_length(figures& all) {
    auto const at = [](std::size_t threads, std::size_t batch) {
        return [pool = pool_of(threads), batch](double events) {
            // A short run is over before its time can be read off the clock well: several.
            auto const times = std::max(1.0, 4e5 / events);
            double sum = 0;
            for (double i = 0; i < times; ++i) {
                sum += time_of(*pool, chain{.events = static_cast<std::uint64_t>(events), .batch = batch});
            }
            return sum / times;
        };
    };
    std::vector<double> lengths{1e4, 1e5, 1e6, 1e7, 1e8};
    if (all.options().longer) lengths.push_back(1e9);
    auto const before = peak_resident_bytes();
    auto head = head_of("growth with the length of the input", "events", "ns an event, 4 stages, 512 a batch");
    auto curve = all.measure(std::move(head), lengths, {{"one thread", at(1, 512)}, {"two threads", at(2, 512)}});
    for (auto const& line : curve.all) {
        fact_figures fact;
        fact.name = "10^8 events, " + line.name;
        fact.unit = "times as long for each as 10^6";
        fact.values = ratios(values_at(curve, line.name, 1e8), values_at(curve, line.name, 1e6));
        fact.target.at_most = 1.1;
        all.add(std::move(fact));
    }
    all.add(std::move(curve));
    fact_figures memory;
    memory.name = "memory that grows with the length of the input";
    memory.unit = "bytes";
    memory.values = {peak_resident_bytes() - before};
    memory.target.at_most = 8e6;
    all.add(std::move(memory));
}

}  // namespace

auto main(int argc, char** argv) -> int {
    return run_program("growth", argc, argv, 3, [](figures& all) {
        auto const if_wanted = [&all](std::string const& name, void (*measure)(figures&)) {
            if (all.wanted(name)) all.when_quiet([&] { measure(all); });
        };
        // First: what it adds to the peak of memory is only seen so.
        if_wanted("growth with the length of the input", against_length);
        if_wanted("growth with stages", against_stages);
        if_wanted("growth with the batch", against_batch);
        if_wanted("growth with threads", against_threads);
    });
}
