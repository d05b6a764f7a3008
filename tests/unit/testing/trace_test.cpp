#include <boost/test/unit_test.hpp>
#include <sluice/testing/trace.hpp>
#include <sstream>
#include <stdexcept>

namespace {

using sluice::testing::parse_trace;
using sluice::testing::to_string;
using sluice::testing::trace;

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_trace)

BOOST_AUTO_TEST_CASE(a_trace_prints_its_decisions_with_repetitions_counted) {
    trace const decisions{{{0, 3}, {0, 3}, {0, 3}, {2, 3}, {1, 2}, {1, 2}}};
    BOOST_TEST(to_string(decisions) == "0/3*3 2/3 1/2*2");
    BOOST_TEST(to_string(trace{}) == "-");
    std::ostringstream out;
    out << decisions;
    BOOST_TEST(out.str() == to_string(decisions));
}

BOOST_AUTO_TEST_CASE(what_was_printed_can_be_read_back) {
    trace const decisions{{{0, 3}, {0, 3}, {7, 1000}, {1, 2}}};
    BOOST_CHECK(parse_trace(to_string(decisions)) == decisions);
    BOOST_CHECK(parse_trace("-") == trace{});
    BOOST_CHECK(parse_trace("") == trace{});
    BOOST_CHECK(parse_trace("  0/3*2\n7/1000\t1/2 ") == decisions);
}

BOOST_AUTO_TEST_CASE(what_is_no_trace_is_refused_by_name) {
    for (auto const* text :
         {"x", "1", "1/", "/2", "2/2", "1/2*", "1/2*x", "1/2x", "-1/2", "0/2 1//3", "0/2*99999999999"}) {
        BOOST_TEST_CONTEXT(text) { BOOST_CHECK_THROW(parse_trace(text), std::invalid_argument); }
    }
    BOOST_CHECK_EXCEPTION(parse_trace("0/2 oops 1/2"), std::invalid_argument, [](std::invalid_argument const& error) {
        return std::string(error.what()).find("'oops'") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(deviations_are_the_decisions_other_than_zero) {
    BOOST_TEST(parse_trace("0/3*5 2/3 0/2 1/2*3").deviations() == 4U);
    BOOST_TEST(trace{}.deviations() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
