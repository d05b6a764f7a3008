// A test of a stage, in thousands of orders of events and without waiting. And the same test of a stage with a mistake
// that a simple test does not see.
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <sluice/sluice.hpp>
#include <sluice/testing/testing.hpp>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace testing = sluice::testing;
using namespace std::chrono_literals;
using numbers = std::vector<int>;

// [readme:tested]
// The stage under test: by how much each number is greater than the one before.
auto differences(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    std::optional<int> before;
    while (auto events = co_await in.receive()) {
        auto results = out.make_batch();
        for (int const event : *events) {
            if (before) results.push_back(event - *before);
            before = event;
        }
        const bool taken = co_await out.emit(std::move(results));
        if (!taken) co_return;
    }
}
// [readme:end]

// The mistake: it begins anew with each batch. If all numbers come in one batch, nobody notices.
auto forgetful_differences(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        std::optional<int> before;
        auto results = out.make_batch();
        for (int const event : *events) {
            if (before) results.push_back(event - *before);
            before = event;
        }
        const bool taken = co_await out.emit(std::move(results));
        if (!taken) co_return;
    }
}

// [readme:scenario]
auto squares(sluice::outlet<int>& out, testing::simulation& world, int last) -> asio::awaitable<void> {
    for (int i = 0; i <= last; ++i) {
        co_await testing::hesitate(world);  // nothing, a post or some milliseconds: the chooser decides
        const bool taken = co_await out.emit(i * i);
        if (!taken) co_return;
    }
}

auto collect(sluice::inlet<int>& in, numbers& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
}

// One run in a simulated world. All that is arbitrary comes from the chooser.
template <class Body>
void scenario(testing::simulation& world, testing::chooser& choose, Body body) {
    int const last = choose.between(0, 12);
    auto const demand = choose.between(std::size_t(1), 8);
    numbers got, expected;
    bool ended = false;
    for (int i = 1; i <= last; ++i) expected.push_back(i * i - (i - 1) * (i - 1));

    sluice::producer<int> source{world, squares, std::ref(world), last};
    sluice::producer_consumer<int, int> tested{world, sluice::from(source, {.max_demand = demand}), body};
    sluice::consumer<int> collected{world, sluice::from(tested), collect, std::ref(got)};
    sluice::async_run(source, tested, collected, [&](std::exception_ptr error) {
        if (error) world.fail(error);
        ended = true;
    });
    world.run();
    testing::invariant(ended, "the pipeline has ended");
    testing::invariant(got == expected, "each difference has come, once and in order");
}
// [readme:end]

// [readme:time]
// Groups of at most a hundred, that wait for an hour at most: an hour takes no time here.
auto one_at_noon(sluice::outlet<int>& out) -> asio::awaitable<void> {
    const bool taken = co_await out.emit(1);
    if (!taken) co_return;
    co_await out.pause_until(out.now() + 24h);
}
auto note_size(sluice::inlet<numbers>& in, testing::simulation& world, std::chrono::nanoseconds& waited)
    -> asio::awaitable<void> {
    while (auto groups = co_await in.receive()) waited = world.elapsed();
}
auto waited_by_a_group() -> std::chrono::nanoseconds {
    std::chrono::nanoseconds waited{};
    testing::fifo_chooser in_order;
    testing::simulation world{in_order, testing::order_alone()};
    sluice::producer<int> source{world, one_at_noon};
    auto groups = sluice::batcher(world, sluice::from(source), {.size = 100, .timeout = 1h});
    sluice::consumer<numbers> noted{world, sluice::from(groups), note_size, std::ref(world), std::ref(waited)};
    sluice::async_run(source, groups, noted, [](std::exception_ptr) {});
    world.run();
    return waited;
}
// [readme:end]

int main() {
    // [readme:explore]
    auto const right = testing::explore({.name = "differences", .seeds = 2000},
                                        [](auto& world, auto& choose) { scenario(world, choose, differences); });
    auto const wrong = testing::explore({.name = "a mistake", .quiet = true}, [](auto& world, auto& choose) {
        scenario(world, choose, forgetful_differences);
    });
    // [readme:end]
    std::cout << right << '\n' << wrong << '\n';
    if (wrong.first_failure) std::cout << wrong.first_failure->text << '\n';
    bool const found = !wrong.passed() && wrong.first_failure && wrong.first_failure->seed < 20;
    return right.passed() && found && waited_by_a_group() == 1h ? EXIT_SUCCESS : EXIT_FAILURE;
}
