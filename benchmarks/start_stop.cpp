// What it takes to start and to stop a pipeline, by the number of its stages.
#include <algorithm>
#include <array>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <future>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "curves.hpp"

namespace {

namespace asio = boost::asio;
using namespace sluice::benchmarks;

auto passing(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}
auto telling(sluice::inlet<int>& in, std::promise<void>& seen) -> asio::awaitable<void> {
    while (auto const events = co_await in.receive()) seen.set_value();  // there is but one event
}

enum phase : std::size_t { construct, start, end, destroy, phases };
using times = std::array<double, phases>;  // ns a stage

class stopwatch {
public:
    auto lap() -> double {
        auto const now = now_ns();
        auto const took = now - since_;
        since_ = now;
        return static_cast<double>(took);
    }

private:
    std::uint64_t since_ = now_ns();
};

void wait_until_stopped(std::future<void> ended) {
    try {
        ended.get();
    } catch (boost::system::system_error const& error) {
        if (error.code() != asio::error::operation_aborted) throw;
    }
}

/// `at_once`: stopped; else what feeds it closes, and the end passes from stage to stage.
auto run_once(sluice::thread_pool& pool, std::size_t stages, bool at_once) -> times {
    times result{};
    std::promise<void> promise;
    auto seen = promise.get_future();
    stopwatch watch;
    {
        sluice::stage_group group{pool};
        sluice::intake<int> first{pool};
        std::deque<sluice::producer_consumer<int, int>> between;
        auto last = sluice::from(first);
        for (std::size_t i = 1; i < stages; ++i) {
            between.emplace_back(pool, last, passing);
            last = sluice::from(between.back());
        }
        sluice::consumer<int> telling_stage{pool, last, telling, std::ref(promise)};
        result[construct] = watch.lap();
        group.add(telling_stage);
        for (auto at = between.rbegin(); at != between.rend(); ++at) group.add(*at);
        first.async_emit(1, asio::detached);
        seen.get();
        result[start] = watch.lap();
        if (at_once) {
            group.stop();
        } else {
            first.close();
        }
        wait_until_stopped(group.async_join(asio::use_future));
        result[end] = watch.lap();
    }
    result[destroy] = watch.lap();
    for (auto& each : result) each /= static_cast<double>(stages);
    return result;
}

constexpr char const* curve_name = "start and stop of a pipeline";

void measure_all(figures& all) {
    sluice::thread_pool pool(2);
    std::size_t const counts[] = {10, 100, 1000, 10'000};
    curve_figures curve;
    curve.name = curve_name;
    curve.x = "stages";
    curve.y = "ns a stage";
    curve.x_log = true;
    curve.y_log = true;
    for (auto const* name :
         {"construct", "start, until an event has passed them all", "end in order", "stop at once", "destroy"}) {
        curve.all.push_back({name, {}});
        for (auto const n : counts) curve.all.back().points.push_back({static_cast<double>(n), {}});
    }
    for (std::size_t repetition = 0; repetition < all.options().repetitions; ++repetition) {
        for (std::size_t i = 0; i < std::size(counts); ++i) {
            auto const rounds = std::max<std::size_t>(1, 2000 / counts[i]);  // few are over too soon for the clock
            std::array<double, 5> sums{};
            for (std::size_t round = 0; round < rounds; ++round) {
                auto const in_order = run_once(pool, counts[i], false);
                auto const stopped = run_once(pool, counts[i], true);
                sums[0] += in_order[construct];
                sums[1] += in_order[start];
                sums[2] += in_order[end];
                sums[3] += stopped[end];
                sums[4] += in_order[destroy];
            }
            for (std::size_t l = 0; l < sums.size(); ++l) {
                curve.all[l].points[i].y.push_back(sums[l] / static_cast<double>(rounds));
            }
        }
    }
    all.add(std::move(curve));
}

}  // namespace

auto main(int argc, char** argv) -> int {
    return run_program("start_stop", argc, argv, 3, [](figures& all) {
        if (all.wanted(curve_name)) all.when_quiet([&] { measure_all(all); });
    });
}
