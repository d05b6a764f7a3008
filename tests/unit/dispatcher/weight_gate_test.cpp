#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <sluice/detail/weight_gate.hpp>
#include <span>
#include <stdexcept>
#include <vector>

namespace {

using gate = sluice::detail::weight_gate<int>;

/// Each event weighs as much as it says.
auto own_weight(int event) -> std::size_t { return static_cast<std::size_t>(event); }

void deliver(gate& g, std::vector<int> const& events) { g.deliver(std::span<int const>(events)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(a_weight_gate)

BOOST_AUTO_TEST_CASE(grants_one_at_a_time_as_long_as_there_is_room) {
    gate g{own_weight, 10};
    BOOST_TEST(g.ask(100) == 1u);
    BOOST_TEST(g.grant() == 0u);  // that one is granted still
    deliver(g, {9});
    BOOST_TEST(g.grant() == 1u);
    deliver(g, {9});
    BOOST_TEST(g.outstanding() == 18u);
    BOOST_TEST(g.grant() == 0u);
    g.acknowledge(1);
    BOOST_TEST(g.outstanding() == 9u);
    BOOST_TEST(g.grant() == 1u);
}

BOOST_AUTO_TEST_CASE(lets_one_event_through_however_heavy_it_is) {
    gate g{own_weight, 3};
    BOOST_TEST(g.ask(5) == 1u);
    deliver(g, {50});
    BOOST_TEST(g.grant() == 0u);
    g.acknowledge(1);
    BOOST_TEST(g.outstanding() == 0u);
    BOOST_TEST(g.grant() == 1u);
}

BOOST_AUTO_TEST_CASE(never_grants_more_than_was_asked_for) {
    gate g{own_weight, 1000};
    BOOST_TEST(g.ask(1) == 1u);
    deliver(g, {1});
    BOOST_TEST(g.grant() == 0u);
    BOOST_TEST(g.ask(1) == 1u);
    BOOST_TEST(g.ask(1) == 0u);
    deliver(g, {1});
    BOOST_TEST(g.grant() == 1u);
}

BOOST_AUTO_TEST_CASE(is_as_before_when_a_weight_throws) {
    gate g{[](int event) -> std::size_t {
               if (event < 0) throw std::runtime_error("no weight");
               return 1;
           },
           10};
    g.ask(4);
    BOOST_CHECK_THROW(deliver(g, {-1}), std::runtime_error);
    BOOST_TEST(g.outstanding() == 0u);
    deliver(g, {1});
    BOOST_TEST(g.outstanding() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
