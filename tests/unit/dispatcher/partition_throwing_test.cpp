// What a partition dispatcher has done when the delivery or an event's move throws.
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <sluice/dispatcher/partition_dispatcher.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "unit/dispatcher/partition_support.hpp"

using namespace partitions;

namespace {

/// Its moves throw when the fuse has burnt down; then the source is as before.
struct fragile {
    static inline int fuse = -1;

    explicit fragile(int v) : value(v) {}
    fragile(fragile&& other) : value(other.value) {
        if (fuse >= 0 && fuse-- == 0) throw std::runtime_error("fragile");
        other.value = -1;
    }
    ~fragile() = default;

    int value;
};

struct fragile_fixture {
    fragile_fixture() {
        fragile::fuse = -1;
        for (subscriber_id id = 0; id < 2; ++id) dispatcher.subscribe(id, {.partition = std::size_t{id}});
        events.reserve(16);
    }
    ~fragile_fixture() { fragile::fuse = -1; }

    /// Of what the dispatch that threw has left.
    auto left() const -> std::string {
        auto text = std::string();
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (!dispatcher.was_taken(i)) text += std::to_string(events[i].value) + ' ';
        }
        return text;
    }

    auto dispatch() {
        return dispatcher.dispatch(std::span(events), [this](subscriber_id, std::span<fragile> part) {
            for (auto const& each : part) sent += std::to_string(each.value) + ' ';
        });
    }

    sluice::partition_dispatcher<fragile> dispatcher{2, [](fragile const& event) { return event.value % 2; }};
    std::vector<fragile> events;
    std::string sent;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_partition_dispatcher_when_something_throws)

BOOST_AUTO_TEST_CASE(counts_the_part_as_delivered_that_deliver_was_called_with) {
    auto f = fixture(sluice::partition_dispatcher<int>(3, by_remainder(3)));
    for (subscriber_id id = 0; id < 3; ++id) {
        f.join(id, id);
        f.ask(id, 2);
    }
    auto events = std::vector{0, 1, 3, 6, 4, 2};  // 6 would be queued
    auto const fail_at_second = [&](subscriber_id to, std::span<int> part) {
        f.note(to, part);
        if (to == 1) throw std::runtime_error("no room");
    };
    BOOST_CHECK_THROW(f.dispatcher.dispatch(std::span(events), fail_at_second), std::runtime_error);
    BOOST_TEST(f.sent == "0:0,3 1:1,4");
    BOOST_TEST(f.dispatcher.queued() == 1u);
    auto left = std::vector<int>();
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!f.dispatcher.was_taken(i)) left.push_back(events[i]);
    }
    BOOST_TEST((left == std::vector{2}));
    BOOST_TEST(f.account() == "1,0");
    BOOST_TEST(f.dispatch(left) == "");
    BOOST_TEST(f.sent == "2:2");
    BOOST_TEST(f.cleared() == "6");
}

BOOST_AUTO_TEST_CASE(keeps_the_rest_of_a_queue_when_its_delivery_throws) {
    auto f = fixture(sluice::partition_dispatcher<int>(2, by_remainder(2)));
    f.join(0, 0);
    f.join(1, 1);
    f.join(2, 0);
    f.ask(1, 4);
    f.dispatch({0, 2, 4, 6});
    f.dispatcher.ask(0, 1);
    f.dispatcher.ask(2, 2);
    BOOST_CHECK_THROW(f.dispatcher.flush([](auto, auto) { throw std::runtime_error("no room"); }), std::runtime_error);
    BOOST_TEST(f.dispatcher.queued() == 2u);
    BOOST_TEST(f.dispatcher.demand(2) == 0u);
    f.sent.clear();
    f.dispatcher.flush(f.deliver());
    BOOST_TEST(f.sent == "0:4");
}

BOOST_FIXTURE_TEST_CASE(delivers_what_was_moved_before_a_move_that_throws, fragile_fixture) {
    dispatcher.ask(0, 10);
    dispatcher.ask(1, 10);
    for (int const value : {0, 1, 2, 3, 4, 5}) events.emplace_back(value);
    fragile::fuse = 2;
    BOOST_CHECK_THROW(dispatch(), std::runtime_error);
    BOOST_TEST(sent == "0 2 ");
    BOOST_TEST(left() == "1 3 4 5 ");
    BOOST_TEST(dispatcher.demand(0) == 8u);
    BOOST_TEST(dispatcher.waiting() == 18u);
}

BOOST_FIXTURE_TEST_CASE(has_queued_what_was_moved_before_a_move_that_throws, fragile_fixture) {
    dispatcher.ask(1, 4);
    for (int const value : {0, 2, 4, 1}) events.emplace_back(value);
    fragile::fuse = 1;
    BOOST_CHECK_THROW(dispatch(), std::runtime_error);
    BOOST_TEST(sent == "");
    BOOST_TEST(left() == "2 4 1 ");
    BOOST_TEST(dispatcher.queued() == 1u);
    BOOST_TEST(dispatcher.waiting() == 3u);
    dispatcher.ask(0, 1);
    dispatcher.flush([this](subscriber_id, std::span<fragile> part) { sent = std::to_string(part[0].value); });
    BOOST_TEST(sent == "0");
}

BOOST_FIXTURE_TEST_CASE(needs_no_move_at_all_for_events_of_one_partition, fragile_fixture) {
    dispatcher.ask(1, 4);
    for (int const value : {1, 3, 5}) events.emplace_back(value);
    fragile::fuse = 0;
    BOOST_TEST(dispatch().empty());
    BOOST_TEST(sent == "1 3 5 ");
}

BOOST_AUTO_TEST_SUITE_END()
