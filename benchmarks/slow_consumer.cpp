// A fast source and a consumer that is a hundred times slower: how much memory does the pipeline take?
//   slow_consumer [SECONDS] [MEGABYTES]
// Stops after SECONDS (10) and fails if the peak of resident memory was more than MEGABYTES (30).

#include <sys/resource.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <sluice/sluice.hpp>
#include <string>

namespace {

namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

constexpr std::uint64_t last = 1'000'000'000;

struct counts {
    std::uint64_t emitted = 0;
    std::uint64_t received = 0;
};

auto counting(sluice::outlet<std::uint64_t>& out, counts& seen) -> asio::awaitable<void> {
    for (std::uint64_t next = 0; next < last;) {
        auto events = out.make_batch();
        for (; events.size() < 512 && next < last; ++next) events.push_back(next);
        seen.emitted += events.size();
        co_await out.emit(std::move(events));
    }
}

/// Some nanoseconds an event in the source; so a fraction of a microsecond here.
auto dawdling(sluice::inlet<std::uint64_t>& in, counts& seen, clock_type::duration an_event) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        auto const until = clock_type::now() + an_event * events->size();
        seen.received += events->size();
        while (clock_type::now() < until) {}
    }
}

/// How long the source needs for an event when nobody slows it down.
auto time_of_source(sluice::thread_pool& pool) -> clock_type::duration {
    counts seen;
    auto const events = std::uint64_t{5'000'000};
    auto limited = [](sluice::outlet<std::uint64_t>& out, std::uint64_t n) -> asio::awaitable<void> {
        for (std::uint64_t next = 0; next < n;) {
            auto batch = out.make_batch();
            for (; batch.size() < 512 && next < n; ++next) batch.push_back(next);
            co_await out.emit(std::move(batch));
        }
    };
    sluice::producer<std::uint64_t> source(pool, limited, events);
    sluice::consumer<std::uint64_t> sink(pool, sluice::from(source), dawdling, std::ref(seen), clock_type::duration());
    auto const began = clock_type::now();
    sluice::run(source, sink);
    return std::chrono::nanoseconds(1) + (clock_type::now() - began) / events;
}

auto peak_megabytes() -> double {
    ::rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_maxrss) / 1024;
}

}  // namespace

auto main(int argc, char** argv) -> int {
    auto const seconds = argc > 1 ? std::stol(argv[1]) : 10;
    auto const allowed = argc > 2 ? std::stod(argv[2]) : 30.0;
    sluice::thread_pool pool(2);
    auto const slow = time_of_source(pool) * 100;
    counts seen;
    sluice::producer<std::uint64_t> source(pool, counting, std::ref(seen));
    sluice::consumer<std::uint64_t> sink(pool, sluice::from(source), dawdling, std::ref(seen), slow);
    asio::cancellation_signal stop;
    auto ended = sluice::async_run(source, sink, asio::bind_cancellation_slot(stop.slot(), asio::use_future));
    asio::steady_timer timer(pool.context(), std::chrono::seconds(seconds));
    timer.async_wait([&stop](boost::system::error_code) { stop.emit(asio::cancellation_type::terminal); });
    try {
        ended.get();
    } catch (boost::system::system_error const& error) {
        if (error.code() != asio::error::operation_aborted) throw;
    }
    auto const peak = peak_megabytes();
    bool const held = peak < allowed;
    std::cout << "slow_consumer: " << std::chrono::nanoseconds(slow).count() << " ns an event, " << seen.emitted
              << " emitted, " << seen.received << " received, peak of " << peak << " MB, allowed " << allowed
              << " MB: " << (held ? "held" : "EXCEEDED") << '\n';
    return held ? EXIT_SUCCESS : EXIT_FAILURE;
}
