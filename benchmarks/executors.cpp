// The execution context is the users' choice: the same pipelines on each.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <sluice/thread_pool.hpp>
#include <string>
#include <thread>
#include <vector>

#include "curves.hpp"
#include "pipelines.hpp"

namespace {

namespace asio = boost::asio;
using namespace sluice::benchmarks;

/// An io_context that the user runs in threads of his own.
class users_context {
public:
    explicit users_context(std::size_t threads) : context_(static_cast<int>(threads)), work_(context_.get_executor()) {
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { context_.run(); });
    }
    users_context(users_context const&) = delete;
    auto operator=(users_context const&) -> users_context& = delete;
    ~users_context() {
        work_.reset();
        context_.stop();
        for (auto& each : threads_) each.join();
    }
    auto get_executor() -> asio::any_io_executor { return context_.get_executor(); }

private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

struct choice {
    std::string name;
    asio::any_io_executor executor;
    std::shared_ptr<void> owner;
};
template <class Context>
auto choose(std::string name, std::size_t threads) -> choice {
    auto const made = std::make_shared<Context>(threads);
    return {std::move(name), made->get_executor(), made};
}

void compare(figures& all, std::vector<choice> const& choices, std::string const& work,
             std::function<double(asio::any_io_executor const&)> const& run) {
    if (!all.wanted(work)) return;
    all.when_quiet([&] {
        std::vector<fact_figures> facts;
        for (auto const& each : choices) facts.push_back({work + ", " + each.name, "ns an event", {}, {}, {}});
        for (std::size_t i = 0; i < all.options().repetitions; ++i) {
            for (std::size_t c = 0; c < choices.size(); ++c) facts[c].values.push_back(run(choices[c].executor));
        }
        for (auto& each : facts) all.add(std::move(each));
    });
}

}  // namespace

auto main(int argc, char** argv) -> int {
    return run_program("executors", argc, argv, 5, [](figures& all) {
        std::vector<choice> const choices{choose<users_context>("io_context, 1 thread", 1),
                                          choose<users_context>("io_context, 2 threads", 2),
                                          choose<users_context>("io_context, 4 threads", 4),
                                          choose<asio::thread_pool>("asio::thread_pool, 2 threads", 2),
                                          choose<sluice::thread_pool>("sluice::thread_pool, 2 threads", 2)};
        auto const linear = [](chain what) {
            return [what](asio::any_io_executor const& on) { return time_of(on, what); };
        };
        auto const partition = [](partitioned what) {
            return [what](asio::any_io_executor const& on) { return time_of(on, what); };
        };
        compare(all, choices, "linear, 512 a batch", linear({.events = 10'000'000}));
        compare(all, choices, "linear, single events", linear({.events = 1'000'000, .batch = 1}));
        compare(all, choices, "linear, 512 a batch, 60 ns of work", linear({.events = 200'000, .work = 60}));
        compare(all, choices, "partition to 4, 512 a batch", partition({.events = 3'000'000}));
        compare(all, choices, "partition to 4, single events", partition({.events = 500'000, .batch = 1}));
    });
}
