// Free-standing dispatchers, and bounds by weight.
#include <algorithm>
#include <boost/asio/detached.hpp>
#include <numeric>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(fan_outs)

using namespace stages;
using sluice::broadcast_dispatcher;
using sluice::fan_out;
using sluice::from;

namespace {

auto collect(inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
}
auto up_to(int last) -> std::vector<int> {
    std::vector<int> all(static_cast<std::size_t>(last));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_fan_out_waits_for_its_slowest_consumer_and_ends_when_it_is_closed) {
    in_many_orders([](simulation& home) {
        std::vector<int> a, b;
        int answered = 0;
        fan_out<int> fan{home, broadcast_dispatcher<int>{}};
        sluice::consumer<int> fast{home, from(fan, {.max_demand = 100}), collect, std::ref(a)};
        sluice::consumer<int> slow{home, from(fan, {.max_demand = 2}), collect, std::ref(b)};
        outcome told;
        start(told, fast, slow);
        home.run();
        for (int i = 0; i < 5; ++i) {
            auto three = batch<int>(std::vector{3 * i, 3 * i + 1, 3 * i + 2});
            fan.async_dispatch(std::move(three), [&](std::exception_ptr error, bool taken) {
                invariant(!error && taken, "taken");
                ++answered;
            });
        }
        home.run();
        expect_equal(answered, 5, "answered");
        fan.close();
        home.run();
        expect_equal(told.text(), std::string("normal"), "the end");
        expect_equal(a, up_to(15), "fast");
        expect_equal(b, up_to(15), "slow");
    });
}

BOOST_AUTO_TEST_CASE(a_fan_out_stays_open_for_those_who_come_late) {
    in_many_orders([](simulation& home) {
        std::vector<int> a, b;
        fan_out<int> fan{home};
        sluice::consumer<int> first{home, from(fan, {.cancel = sluice::cancel_mode::temporary}), collect, std::ref(a)};
        outcome told, later;
        start(told, first);
        fan.async_dispatch(1, asio::detached);
        home.run();
        first.stop();
        home.run();
        fan.async_dispatch(2, asio::detached);
        home.run();
        sluice::consumer<int> second{home, from(fan), collect, std::ref(b)};
        start(later, second);
        home.run();
        fan.close();
        home.run();
        expect_equal(a, std::vector{1}, "before");
        expect_equal(b, std::vector{2}, "after");
        expect_equal(later.text(), std::string("normal"), "the end");
    });
}

BOOST_AUTO_TEST_CASE(no_more_weight_is_under_way_than_a_subscription_allows) {
    in_many_orders([](simulation& home) {
        std::size_t emitted = 0, processed = 0, most = 0;
        auto const weight = [](int i) { return static_cast<std::size_t>(i % 7) + 1; };
        auto emit_each = [&](outlet<int>& out) -> asio::awaitable<void> {
            for (int i = 0; i < 100; ++i) {
                const bool taken = co_await out.emit(i);
                if (!taken) co_return;
                emitted += weight(i);
                most = std::max(most, emitted - processed);
            }
        };
        std::vector<int> got;
        auto weigh_in = [&](inlet<int>& in) -> asio::awaitable<void> {
            while (auto events = co_await in.receive()) {
                got.insert(got.end(), events->begin(), events->end());
                co_await sluice::testing::hesitate(home);
                for (int i : *events) processed += weight(i);
            }
        };
        sluice::producer<int> numbers{home, emit_each};
        auto from_numbers = from(numbers, {.max_demand = 1000, .max_weight = 20}).weigh(weight);
        sluice::consumer<int> heavy{home, std::move(from_numbers), weigh_in};
        expect_equal(run_all(home, numbers, heavy), std::string("normal"), "the end");
        expect_equal(got, up_to(100), "everything");
        invariant(most > 7 && most <= 20 + 7, "as much as fits, and no more than one event too much");
    });
}

BOOST_AUTO_TEST_CASE(a_bound_by_weight_without_a_weight_ends_that_subscription_with_a_sentence) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        fan_out<int> fan{home};
        sluice::consumer<int> wrong{home, from(fan, {.max_weight = 5}), collect, std::ref(got)};
        outcome told;
        start(told, wrong);
        home.run();
        fan.close();
        home.run();
        invariant(told.text() != "normal" && told.calls == 1, "it fails");
    });
}

BOOST_AUTO_TEST_SUITE_END()
