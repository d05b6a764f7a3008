#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <sluice/core/event_count.hpp>
#include <string>

using sluice::core::event_count;

BOOST_AUTO_TEST_SUITE(an_event_count)

BOOST_AUTO_TEST_CASE(marks_every_nth_event_wherever_batches_are_cut) {
    for (std::size_t every = 1; every <= 12; ++every) {
        for (std::size_t batch = 1; batch <= 30; ++batch) {
            auto tested = event_count(every);
            auto events = std::size_t{0};
            auto marks = std::size_t{0};
            for (int i = 0; i < 20; ++i) {
                for (auto left = batch; left > 0;) {
                    const auto part = tested.take(left);
                    BOOST_REQUIRE(part.events > 0);
                    BOOST_REQUIRE(part.number == marks);
                    events += part.events;
                    left -= part.events;
                    BOOST_REQUIRE(part.is_complete == (events % every == 0));
                    marks += part.is_complete;
                }
                BOOST_REQUIRE(marks == events / every);
                BOOST_REQUIRE(tested.number() == marks);
                BOOST_REQUIRE(tested.since() == events % every);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(of_nothing_marks_nothing) {
    auto tested = event_count(1);
    const auto part = tested.take(0);
    BOOST_TEST(part.events == 0u);
    BOOST_TEST(!part.is_complete);
}

BOOST_AUTO_TEST_CASE(counts_single_events) {
    auto tested = event_count(2);
    BOOST_TEST(!tested.note());
    BOOST_TEST(tested.note());
    BOOST_TEST(!tested.note());
    BOOST_TEST(tested.number() == 1u);
}

BOOST_AUTO_TEST_CASE(of_zero_is_refused) {
    BOOST_CHECK_EXCEPTION(event_count(0, "count_options::events"), boost::system::system_error, [](auto const& error) {
        return std::string(error.what()).find("count_options::events must be at least 1 (got 0)") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
