#include <boost/test/unit_test.hpp>
#include <sluice/testing/demand_model.hpp>
#include <sluice/testing/invariant.hpp>
#include <sluice/testing/one_at_a_time.hpp>
#include <sluice/testing/recorder.hpp>
#include <string>

namespace {

using namespace sluice::testing;

template <typename Function>
auto violation_of(Function function) -> std::string {
    try {
        function();
    } catch (violation const& error) {
        return error.what();
    }
    return "none";
}

auto contains(std::string const& text, char const* part) -> bool { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_recorder)

BOOST_AUTO_TEST_CASE(an_invariant_that_fails_names_its_place_and_is_logged_even_if_it_is_caught) {
    violation_log outer;
    {
        violation_log log;
        invariant(true, "fine");
        auto const text = violation_of([] { invariant(false, "two is one"); });
        BOOST_TEST(contains(text, "recorder_test.cpp:"));
        BOOST_TEST(contains(text, ": two is one"));
        BOOST_TEST(log.texts().size() == 1U);
        BOOST_TEST(log.texts().front() == text);
    }
    BOOST_TEST(outer.texts().empty());
    BOOST_CHECK_THROW(fail("no"), violation);
    BOOST_TEST(outer.texts().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_run_in_which_each_event_arrives_once_in_order_passes) {
    recorder books;
    auto const a = books.emitted(1);
    auto const b = books.emitted(1);
    auto const c = books.emitted(2);
    books.received(10, a);
    books.received(11, b);
    books.discarded(c);
    books.check_each_exactly_once();
    BOOST_TEST(books.emitted_count() == 3U);
    BOOST_TEST(books.received_count() == 2U);
    BOOST_TEST(books.discarded_count() == 1U);
}

BOOST_AUTO_TEST_CASE(lost_doubled_misplaced_and_invented_events_are_found) {
    recorder books;
    auto const a = books.emitted(1);
    auto const b = books.emitted(1);
    BOOST_TEST(contains(violation_of([&] {
                            books.received(10, {1, 2});
                        }),
                        "event 2 of producer 1 arrived but was never emitted"));
    BOOST_TEST(contains(violation_of([&] { books.discarded({9, 0}); }), "was discarded but never emitted"));
    books.received(10, b);
    BOOST_TEST(contains(violation_of([&] { books.received(10, b); }), "arrived twice at consumer 10"));
    BOOST_TEST(contains(violation_of([&] { books.received(10, a); }), "out of order at consumer 10, after event 1"));
    BOOST_TEST(contains(violation_of([&] { books.check_each_exactly_once(); }), "event 0 of producer 1 was lost"));
    books.received(11, a);
    books.check_each_exactly_once();
    books.received(11, b);
    BOOST_TEST(contains(violation_of([&] { books.check_each_exactly_once(); }), "2 times"));
}

BOOST_AUTO_TEST_CASE(more_than_was_asked_for_is_found_where_demand_is_recorded) {
    recorder books;
    books.asked(10, 1, 1);
    books.received(10, books.emitted(1));
    BOOST_TEST(
        contains(violation_of([&] { books.received(10, books.emitted(1)); }), "received 2 events but asked for 1"));
}

BOOST_AUTO_TEST_CASE(a_broadcast_must_reach_each_consumer_whole_and_in_place) {
    recorder books;
    for (int i = 0; i < 3; ++i) {
        auto const event = books.emitted(1);
        books.received(10, event);
        if (i != 1) books.received(11, event);
        if (i > 0) books.received(12, event);
    }
    books.check_broadcast(10, 1);
    books.check_broadcast(12, 1, 1);
    BOOST_TEST(contains(violation_of([&] { books.check_broadcast(11, 1); }),
                        "event 1 of producer 1 did not reach consumer 11"));
    BOOST_TEST(contains(violation_of([&] { books.check_broadcast(13, 1); }), "event 0 of producer 1"));
}

BOOST_AUTO_TEST_CASE(the_demand_model_is_the_most_that_was_delivered_and_outstanding_together) {
    demand_model model;
    model.asked(1, 10);
    model.asked(2, 5);
    BOOST_TEST(model.signalled() == 15U);
    model.delivered(1, 4);
    BOOST_TEST(model.signalled() == 15U);
    model.asked(1, 4);
    BOOST_TEST(model.signalled() == 19U);
    model.cancelled(2);
    BOOST_TEST(model.outstanding() == 10U);
    model.asked(1, 3);  // what the second left behind is used first
    BOOST_TEST(model.signalled() == 19U);
    model.asked(1, 3);
    BOOST_TEST(model.signalled() == 20U);
    BOOST_CHECK_THROW(model.delivered(1, 17), violation);
    BOOST_CHECK_THROW(model.delivered(2, 1), violation);
}

BOOST_AUTO_TEST_CASE(two_callbacks_at_once_are_found) {
    bool busy = false;
    {
        one_at_a_time const first{busy};
        BOOST_CHECK_THROW(one_at_a_time{busy}, violation);
        BOOST_TEST(busy);
    }
    one_at_a_time const second{busy};
}

BOOST_AUTO_TEST_SUITE_END()
