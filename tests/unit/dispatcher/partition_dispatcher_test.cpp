#include <array>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <sluice/dispatcher/dispatcher.hpp>
#include <sluice/dispatcher/partition_dispatcher.hpp>
#include <sluice/errc.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "unit/dispatcher/partition_support.hpp"

using namespace partitions;

namespace {

using numbers = sluice::partition_dispatcher<int>;
using names = sluice::partition_dispatcher<int, std::string>;
using unique = std::unique_ptr<int>;

auto parity(int event) -> char const* { return event % 2 == 0 ? "even" : "odd"; }

/// Fails with `code` and a sentence that begins so.
auto says(sluice::errc code, std::string_view begin) {
    return [code, begin](boost::system::system_error const& error) {
        return error.code() == code && std::string_view(error.what()).starts_with(begin);
    };
}

struct point {
    int x = 0;
    int y = 0;
    friend auto operator==(point const&, point const&) -> bool = default;
};

enum class side : std::uint8_t { left, right };

struct without_hash {};

struct returns_a_real_number {
    auto operator()(int) const -> double { return 0.5; }
};
struct returns_a_text {
    auto operator()(int) const -> std::string { return ""; }
};
struct returns_nothing {
    void operator()(int) const {}
};

static_assert(sluice::dispatcher_for<numbers, int>);
static_assert(sluice::dispatcher_for<names, int>);
static_assert(sluice::dispatcher_for<sluice::partition_dispatcher<unique>, unique>);
static_assert(!sluice::shares_events<numbers>);
static_assert(!std::is_constructible_v<numbers, std::size_t, returns_a_real_number>);
static_assert(!std::is_constructible_v<numbers, std::size_t, returns_a_text>);
static_assert(!std::is_constructible_v<numbers, std::size_t, returns_nothing>);
static_assert(!std::is_constructible_v<names, std::size_t>);
static_assert(!std::is_constructible_v<sluice::partition_dispatcher<without_hash>, std::size_t>);

}  // namespace

template <>
struct std::hash<point> {
    auto operator()(point const& p) const -> std::size_t { return static_cast<std::size_t>(p.x * 31 + p.y); }
};

BOOST_AUTO_TEST_SUITE(a_partition_dispatcher)

BOOST_AUTO_TEST_CASE(gives_each_event_to_the_consumer_of_its_partition) {
    auto f = fixture(numbers(3, by_remainder(3)));
    for (subscriber_id id = 0; id < 3; ++id) {
        f.join(id, id);
        BOOST_TEST(f.ask(id, 5) == 5u);
    }
    BOOST_TEST(f.dispatch({0, 1, 2, 3, 4, 5, 7}) == "");
    BOOST_TEST(f.sent == "0:0,3 1:1,4,7 2:2,5");
    BOOST_TEST(f.account() == "8,0");
}

BOOST_AUTO_TEST_CASE(spreads_events_by_their_hash_if_no_other_is_given) {
    auto f = fixture(numbers(4));
    for (subscriber_id id = 0; id < 4; ++id) {
        f.join(id, id);
        f.ask(id, 1000);
    }
    auto events = std::vector<int>(1000);
    std::iota(events.begin(), events.end(), 0);
    BOOST_TEST(f.dispatch(events) == "");
    for (std::size_t each = 0; each < 4; ++each) {
        BOOST_TEST(f.dispatcher.stats(each).delivered > 200u);
        BOOST_TEST(f.dispatcher.stats(each).delivered < 300u);
    }
    auto const before = f.sent;
    for (subscriber_id id = 0; id < 4; ++id) f.ask(id, 1000 - f.dispatcher.demand(id));
    BOOST_TEST(f.dispatch(events) == "");
    BOOST_TEST(f.sent == before);  // equal events, equal partitions
}

BOOST_AUTO_TEST_CASE(hashes_texts_with_the_hash_for_texts) {
    auto texts = sluice::partition_dispatcher<sluice::text>(2);
    texts.subscribe(0, {.partition = 0});
    texts.subscribe(1, {.partition = 1});
    texts.ask(0, 100);
    texts.ask(1, 100);
    auto events = std::vector<sluice::text>();
    for (int i = 0; i < 100; ++i) events.emplace_back(std::to_string(i));
    texts.dispatch(std::span(events), [](subscriber_id to, std::span<sluice::text> part) {
        for (auto const& each : part) BOOST_TEST(sluice::core::partition_of(sluice::text_hash()(each), 2) == to);
    });
    BOOST_TEST(texts.stats(0).delivered + texts.stats(1).delivered == 100u);
}

BOOST_AUTO_TEST_CASE(takes_keys_of_any_type_that_can_be_hashed) {
    auto by_side = sluice::partition_dispatcher<int, side>({side::left, side::right},
                                                           [](int i) { return i < 0 ? side::left : side::right; });
    by_side.subscribe(0, {.partition = side::right});
    by_side.ask(0, 2);
    auto events = std::vector{1, 2};
    BOOST_TEST(by_side.dispatch(std::span(events), [](auto, auto) {}).empty());
    BOOST_TEST(by_side.stats(side::right).delivered == 2u);

    auto const keys = std::vector{point{1, 2}, point{3, 4}};
    auto by_point = sluice::partition_dispatcher<int, point>(keys, [&](int i) { return keys[i % 2 == 0 ? 0 : 1]; });
    by_point.subscribe(0, {.partition = point{3, 4}});
    BOOST_TEST(by_point.stats(point{3, 4}).subscribers == 1u);
    BOOST_CHECK_EXCEPTION(by_point.subscribe(1, {.partition = point{5, 6}}), boost::system::system_error,
                          says(sluice::errc::invalid_option,
                               "subscribe_options::partition must be one of [a key that "
                               "cannot be printed, a key that cannot be printed]"));

    auto by_number = sluice::partition_dispatcher<int, int>({30, -5}, [](int i) { return i < 0 ? -5 : 30; });
    by_number.subscribe(0, {.partition = -5});
    BOOST_TEST(by_number.partitions().size() == 2u);
}

BOOST_AUTO_TEST_CASE(keeps_events_that_no_partition_wants_from_all_and_gives_their_demand_back) {
    auto f = fixture(names({"odd", "even"}, [](int event) -> std::optional<std::string_view> {
        if (event % 3 == 0) return std::nullopt;
        return parity(event);
    }));
    f.join(0, "odd");
    f.join(1, "even");
    f.ask(0, 4);
    f.ask(1, 4);
    BOOST_TEST(f.dispatch({3, 1, 6, 2, 9}) == "");
    BOOST_TEST(f.sent == "0:1 1:2");
    BOOST_TEST(f.account() == "6,0");
    BOOST_TEST(f.dispatcher.take_returned() == 3u);
    BOOST_TEST(f.dispatcher.take_returned() == 0u);
}

BOOST_AUTO_TEST_CASE(gives_back_no_more_than_is_still_wanted_of_a_producer_that_sent_too_much) {
    auto f = fixture(numbers(1, [](int event) { return event < 0 ? std::nullopt : std::optional(0); }));
    f.join(0, 0);
    f.ask(0, 2);
    BOOST_TEST(f.dispatch({-1, 1, -1, -1, 2, 3}) == "3");  // six for an ask of two
    BOOST_TEST(f.dispatcher.take_returned() == 0u);
    f.ask(0, 3, 1);
    BOOST_TEST(f.dispatch({-1}) == "");
    BOOST_TEST(f.dispatcher.take_returned(1) == 1u);  // three wanted, one kept, and one that was asked for was unwanted
}

BOOST_AUTO_TEST_CASE(lets_the_hash_change_the_event) {
    auto f = fixture(numbers(2, [](int& event) {
        auto const partition = event % 2;
        event /= 2;
        return partition;
    }));
    f.join(0, 0);
    f.ask(0, 5);
    BOOST_TEST(f.dispatch({4, 8}) == "");
    BOOST_TEST(f.sent == "0:2,4");
}

BOOST_AUTO_TEST_CASE(takes_events_and_hashes_that_only_move) {
    auto hash = [two = std::make_unique<int>(2)](unique const& event) { return *event % *two; };
    auto first = sluice::partition_dispatcher<unique>(2, std::move(hash));
    first.subscribe(7, {.partition = 0});
    first.ask(7, 2);
    auto dispatcher = std::move(first);
    auto events = std::vector<unique>();
    for (int i = 0; i < 4; ++i) events.push_back(std::make_unique<int>(i));
    auto got = std::vector<int>();
    auto const take = [&](subscriber_id, std::span<unique> part) {
        for (auto& each : part) got.push_back(*std::exchange(each, nullptr));
    };
    BOOST_TEST(dispatcher.dispatch(std::span(events), take).size() == 2u);
    BOOST_TEST((got == std::vector{0}));  // 1 is queued: and has used up what was asked for
    dispatcher.ask(7, 1);
    BOOST_TEST(dispatcher.dispatch(std::span(events).subspan(2, 1), take).empty());
    BOOST_TEST((got == std::vector{0, 2}));
    BOOST_TEST(dispatcher.queued() == 1u);
}

BOOST_AUTO_TEST_CASE(delivers_events_where_they_lie_if_no_others_are_between_them) {
    auto dispatcher = numbers(2, [](int event) { return event / 100; });
    dispatcher.subscribe(0, {.partition = 0});
    dispatcher.subscribe(1, {.partition = 1});
    dispatcher.ask(0, 10);
    dispatcher.ask(1, 10);
    auto events = std::array{1, 2, 3, 101, 102};
    auto parts = 0;
    dispatcher.dispatch(std::span<int>(events), [&](subscriber_id to, std::span<int> part) {
        BOOST_TEST(part.data() == events.data() + (to == 0 ? 0 : 3));
        ++parts;
    });
    BOOST_TEST(parts == 2);
}

BOOST_AUTO_TEST_CASE(delivers_the_events_of_a_partition_in_one_part_however_they_are_mixed) {
    auto f = fixture(numbers(10, by_remainder(10)));
    for (subscriber_id id = 0; id < 10; ++id) {
        f.join(id, id);
        f.ask(id, 100);
    }
    auto events = std::vector<int>(1000);
    std::iota(events.begin(), events.end(), 0);
    auto parts = std::array<int, 10>();
    f.dispatcher.dispatch(std::span(events), [&](subscriber_id to, std::span<int> part) {
        ++parts[to];
        BOOST_TEST(part.size() == 100u);
        for (std::size_t i = 0; i < part.size(); ++i) BOOST_TEST(part[i] == static_cast<int>(10 * i + to));
    });
    for (auto const each : parts) BOOST_TEST(each == 1);
}

BOOST_AUTO_TEST_CASE(shares_a_partition_by_demand_among_its_consumers) {
    auto f = fixture(numbers(2, by_remainder(2)));
    f.join(3, 0);
    f.join(5, 0);
    f.join(4, 1);
    f.ask(3, 2);
    f.ask(5, 3);
    f.ask(4, 1);
    BOOST_TEST(f.dispatch({2, 1, 4, 6, 8, 10, 12}) == "12");
    BOOST_TEST(f.sent == "5:2,4,6 3:8,10 4:1");
    BOOST_TEST(f.dispatcher.stats(0).subscribers == 2u);
    f.dispatcher.cancel(5);
    BOOST_TEST(f.dispatcher.stats(0).subscribers == 1u);
    f.join(9, 0);
    f.ask(3, 1);
    f.ask(9, 1);
    BOOST_TEST(f.dispatch({2, 4}) == "");
    BOOST_TEST(f.sent == "3:2 9:4");
}

BOOST_AUTO_TEST_CASE(serves_higher_priorities_first_within_a_partition) {
    auto f = fixture(numbers(1, [](int) { return 0; }));
    f.dispatcher.subscribe(0, {.partition = 0});
    f.dispatcher.subscribe(1, {.priority = 1, .partition = 0});
    f.ask(0, 5);
    f.ask(1, 2);
    BOOST_TEST(f.dispatch({1, 2, 3}) == "");
    BOOST_TEST(f.sent == "1:1,2 0:3");
}

BOOST_AUTO_TEST_CASE(accepts_the_number_of_a_partition_as_int_and_as_size) {
    auto dispatcher = sluice::partition_dispatcher<int, std::uint16_t>(3);
    dispatcher.subscribe(0, {.partition = 1});
    dispatcher.subscribe(1, {.partition = std::size_t{1}});
    dispatcher.subscribe(2, {.partition = std::uint16_t{1}});
    BOOST_TEST(dispatcher.stats(1).subscribers == 3u);
    auto by_name = names({"odd", "even"}, parity);
    by_name.subscribe(0, {.partition = "odd"});
    by_name.subscribe(1, {.partition = std::string("odd")});
    BOOST_TEST(by_name.stats("odd").subscribers == 2u);
}

BOOST_AUTO_TEST_CASE(refuses_a_subscriber_without_a_partition_that_it_knows) {
    auto f = fixture(numbers(2));
    auto const refuses = [&](std::any partition, std::string_view begin) {
        BOOST_CHECK_EXCEPTION(f.dispatcher.subscribe(0, {.partition = std::move(partition)}),
                              boost::system::system_error, says(sluice::errc::invalid_option, begin));
    };
    refuses({}, "subscribe_options::partition must be given, one of [0, 1]");
    refuses(2, "subscribe_options::partition must be one of [0, 1] (got 2)");
    refuses(-1, "subscribe_options::partition must be one of [0, 1] (got -1)");
    refuses("oops", "subscribe_options::partition must be one of [0, 1] (got a value that is no key of this");
    BOOST_TEST(f.dispatcher.size() == 0u);
    auto many = numbers(100);
    BOOST_CHECK_EXCEPTION(many.subscribe(0, {.partition = 100}), boost::system::system_error,
                          says(sluice::errc::invalid_option,
                               "subscribe_options::partition must be one of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "
                               "10, 11, 12, 13, 14, 15, ... 100 in all] (got 100)"));
}

BOOST_AUTO_TEST_CASE(refuses_options_that_make_no_sense) {
    auto const refuses = [](auto&& make, std::string_view begin) {
        BOOST_CHECK_EXCEPTION(make(), boost::system::system_error, says(sluice::errc::invalid_option, begin));
    };
    refuses([] { numbers(0); }, "partition_options::partitions must be at least 1 (got 0)");
    refuses([] { sluice::partition_dispatcher<int, std::uint8_t>(257); },
            "partition_options::partitions must not be more than the key type can name");
    refuses([] { names(std::vector<std::string>(), parity); }, "partition_dispatcher: the list of keys must not be");
    refuses(
        [] {
            names({"odd", "even", "odd"}, parity);
        },
        "partition_dispatcher: the list of keys must not name a partition twice (got \"odd\")");
    refuses(
        [] {
            names({"odd", "even"}, parity, {.partitions = 3});
        },
        "partition_options::partitions must be 0, or the number of the keys (got 3 and 2 keys)");
    BOOST_TEST((sluice::partition_dispatcher<int, std::uint8_t>(256).partitions().size()) == 256u);
    BOOST_TEST(names({"odd", "even"}, parity, {.partitions = 2}).partitions().size() == 2u);
}

BOOST_AUTO_TEST_CASE(leaves_all_as_it_was_if_the_hash_throws_or_names_no_partition) {
    auto f = fixture(numbers(2, [](int event) {
        if (event == 13) throw std::runtime_error("unlucky");
        return event;
    }));
    f.join(0, 0);
    f.join(1, 1);
    f.ask(0, 3);
    BOOST_CHECK_THROW(f.dispatch({0, 1, 13}), std::runtime_error);
    BOOST_CHECK_EXCEPTION(f.dispatch({0, 1, 7}), boost::system::system_error,
                          says(sluice::errc::unknown_partition, "the hash answered 7, not one of [0, 1]"));
    BOOST_CHECK_EXCEPTION(f.dispatch({0, 1, -1}), boost::system::system_error,
                          says(sluice::errc::unknown_partition, "the hash answered -1, not one of [0, 1]"));
    BOOST_TEST(f.sent == "");
    BOOST_TEST(f.account() == "3,0");
    BOOST_TEST(f.dispatcher.queued() == 0u);
    for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(!f.dispatcher.was_taken(i));
    BOOST_TEST(f.dispatch({0, 1, 0}) == "");
    BOOST_TEST(f.sent == "0:0,0");
}

BOOST_AUTO_TEST_CASE(refuses_negative_answers_also_where_keys_may_be_negative) {
    auto signed_keys = sluice::partition_dispatcher<int, int>(2, [](int i) { return i; });
    signed_keys.subscribe(0, {.partition = 0});
    signed_keys.ask(0, 1);
    for (int const answer : {-1, -2}) {
        auto events = std::vector{answer};
        BOOST_CHECK_EXCEPTION(signed_keys.dispatch(std::span(events), [](auto, auto) {}), boost::system::system_error,
                              says(sluice::errc::unknown_partition,
                                   "the hash answered " + std::to_string(answer) + ", not one of [0, 1]"));
    }
}

BOOST_AUTO_TEST_CASE(ignores_those_whom_it_does_not_know) {
    auto f = fixture(numbers(2));
    BOOST_TEST(f.ask(3, 5) == 0u);
    BOOST_TEST(f.cancel(3) == 0u);
    BOOST_TEST(f.dispatcher.demand(3) == 0u);
    f.join(3, 0);
    BOOST_TEST(f.ask(3, 0) == 0u);
    f.join(3, 1);  // it is there already
    BOOST_TEST(f.dispatcher.stats(0).subscribers == 1u);
    BOOST_TEST(f.dispatcher.stats(1).subscribers == 0u);
    BOOST_CHECK_EXCEPTION(f.dispatcher.stats(2), boost::system::system_error,
                          says(sluice::errc::invalid_option, "partition_dispatcher::stats: the partition must be one"));
}

BOOST_AUTO_TEST_CASE(saturates_demand_and_loses_none_of_it_again) {
    auto f = fixture(numbers(2, by_remainder(2)));
    f.join(0, 0);
    f.join(1, 1);
    BOOST_TEST(f.ask(0, SIZE_MAX) == SIZE_MAX);
    BOOST_TEST(f.ask(0, 5) == 0u);
    BOOST_TEST(f.ask(1, SIZE_MAX) == SIZE_MAX);
    BOOST_TEST(f.dispatch({0, 1, 3}) == "");
    f.cancel(0);
    BOOST_TEST(f.dispatcher.pending() == SIZE_MAX - 1);
    f.cancel(1);
    BOOST_TEST(f.dispatcher.total_demand() == SIZE_MAX);
    f.join(0, 0);
    BOOST_TEST(f.ask(0, 10) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
