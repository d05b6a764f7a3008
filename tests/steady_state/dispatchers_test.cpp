// The same of every dispatcher, and of redelivery.
#include <boost/test/unit_test.hpp>
#include <sluice/sluice.hpp>
#include <utility>

#include "steady_state/allocations.hpp"
#include "steady_state/scenarios.hpp"

BOOST_AUTO_TEST_SUITE(dispatchers)

namespace asio = boost::asio;
using sluice::from;
using sluice::inlet;
using sluice::outlet;
using steady_state::allocations;

namespace {

constexpr int warm = 100'000;
constexpr int ending = 200'000;  // before the stages begin to end
constexpr int last = 210'000;
constexpr sluice::subscribe_options terms{.max_demand = 256, .min_demand = 128};

auto emit_all(outlet<int>& out, int at_once) -> asio::awaitable<void> {
    for (int next = 0; next < last;) {
        auto events = out.make_batch();
        for (int n = 0; n < at_once && next < last; ++n) events.push_back(next++);
        const bool taken = co_await out.emit(std::move(events));
        if (!taken) co_return;
    }
}
auto emit_singly(outlet<int>& out, int) -> asio::awaitable<void> {
    for (int next = 0; next < last; ++next) {
        const bool taken = co_await out.emit(next);
        if (!taken) co_return;
    }
}
auto pass_on(inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}

/// How often memory was allocated between two events.
struct meter {
    std::size_t at_first = 0;
    std::size_t at_last = 0;
    std::size_t events = 0;

    void saw(int event) {
        ++events;
        if (at_first == 0 && event >= warm) at_first = allocations();
        if (event >= warm && event < ending) at_last = allocations();
    }
    auto between() const -> std::size_t { return at_last - at_first; }
};
auto measure(inlet<int>& in, meter& into) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int const event : *events) into.saw(event);
    }
}

/// Runs producer, middle and two consumers on one thread; answers what was allocated after the warm-up.
template <class Dispatcher, class Terms>
auto allocated_with(Dispatcher dispatcher, Terms of_consumer, bool singly = false) -> std::size_t {
    steady_state::place where(1);
    auto& context = where.context();
    meter first, second;
    sluice::producer<int> numbers{context, singly ? emit_singly : emit_all, 64};
    sluice::producer_consumer<int, int> middle{context, from(numbers, terms), std::move(dispatcher), pass_on};
    sluice::consumer<int> one{context, from(middle, of_consumer(0)), measure, std::ref(first)};
    sluice::consumer<int> two{context, from(middle, of_consumer(1)), measure, std::ref(second)};
    sluice::async_run(numbers, middle, one, two, where.ending());
    where.work();
    BOOST_TEST(first.events + second.events >= static_cast<std::size_t>(last));
    BOOST_TEST(first.at_last > 0u);
    return first.between() + second.between();
}
auto alike(std::size_t) { return terms; }
auto apart(std::size_t number) {
    auto each = terms;
    each.partition = number;
    return each;
}
auto redelivered(std::size_t) {
    auto each = terms;
    each.redeliver = true;
    return each;
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_dispatcher_allocates_for_a_batch) {
    auto const half = [](int i) { return static_cast<std::size_t>(i / 64 % 2); };
    BOOST_TEST(allocated_with(sluice::demand_dispatcher<int>{}, alike) == 0u);
    BOOST_TEST(allocated_with(sluice::broadcast_dispatcher<int>{}, alike) == 0u);
    BOOST_TEST(allocated_with(sluice::weighted_dispatcher<int>{}, alike) == 0u);
    BOOST_TEST(allocated_with(sluice::round_robin_dispatcher<int>{}, alike) == 0u);
    BOOST_TEST(allocated_with(sluice::partition_dispatcher<int>(2, half), apart) == 0u);
}

BOOST_AUTO_TEST_CASE(no_dispatcher_allocates_for_a_single_event) {
    auto const odd = [](int i) { return static_cast<std::size_t>(i % 2); };
    BOOST_TEST(allocated_with(sluice::demand_dispatcher<int>{}, alike, true) == 0u);
    BOOST_TEST(allocated_with(sluice::broadcast_dispatcher<int>{}, alike, true) == 0u);
    BOOST_TEST(allocated_with(sluice::weighted_dispatcher<int>{}, alike, true) == 0u);
    BOOST_TEST(allocated_with(sluice::round_robin_dispatcher<int>{}, alike, true) == 0u);
    BOOST_TEST(allocated_with(sluice::partition_dispatcher<int>(2, odd), apart, true) == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_for_what_is_kept_to_be_sent_again) {
    BOOST_TEST(allocated_with(sluice::demand_dispatcher<int>{}, redelivered) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
