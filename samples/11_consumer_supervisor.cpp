// One coroutine for each event, and never more than so many at once: a consumer_supervisor. Here each event is a
// request; a child serves it, and some fail the first time and are run again.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace asio = boost::asio;

constexpr int requests = 1000;
constexpr int at_once = 8;

// Children run on strands of their own, beside each other: what they share is atomic.
struct statistics {
    std::atomic<int> served = 0;
    std::atomic<int> failed = 0;
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;

    struct visitor {
        statistics& all;
        explicit visitor(statistics& s) : all(s) {
            int const now = ++all.running;
            for (int seen = all.most; seen < now && !all.most.compare_exchange_weak(seen, now);) {}
        }
        ~visitor() { --all.running; }
    };
};

struct request {
    int number;
    std::atomic<int>* attempts;
};

auto clients(sluice::outlet<request>& out, std::vector<std::atomic<int>>& attempts) -> asio::awaitable<void> {
    for (int i = 0; i < requests; ++i) {
        request next{i, &attempts[static_cast<std::size_t>(i)]};
        const bool taken = co_await out.emit(next);
        if (!taken) co_return;
    }
}

// [readme:children]
// A child: it has its event for itself, may wait for what it likes, and may fail.
auto serve(request asked, statistics& all) -> asio::awaitable<void> {
    statistics::visitor const here(all);
    co_await asio::post(asio::use_awaitable);  // in earnest: a query, an answer to a socket
    if (asked.number % 100 == 42 && (*asked.attempts)++ == 0) {
        ++all.failed;
        throw std::runtime_error("a hiccup");
    }
    ++all.served;
}
// [readme:end]

int main() {
    statistics all;
    std::vector<std::atomic<int>> attempts(requests);
    sluice::thread_pool pool;

    sluice::producer<request> asked{pool, clients, std::ref(attempts)};
    sluice::consumer_supervisor<request> served{pool,
                                                sluice::from(asked, {.max_demand = at_once}),
                                                {.restart = sluice::restart_mode::transient, .max_restarts = 100},
                                                serve,
                                                std::ref(all)};
    sluice::run(asked, served);

    std::cout << all.served << " requests served, never more than " << all.most << " at a time; " << all.failed
              << " failed the first time\n";
    return all.served == requests && all.most <= at_once && all.failed == requests / 100 ? EXIT_SUCCESS : EXIT_FAILURE;
}
