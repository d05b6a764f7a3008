#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <sluice/detail/weight_gate.hpp>
#include <span>
#include <stdexcept>
#include <vector>

namespace {

using gate = sluice::detail::weight_gate;

void deliver(gate& g, std::vector<std::size_t> const& weights) { g.deliver(weights); }

}  // namespace

BOOST_AUTO_TEST_SUITE(a_weight_gate)

BOOST_AUTO_TEST_CASE(grants_one_at_a_time_as_long_as_there_is_room) {
    gate g{10};
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
    gate g{3};
    BOOST_TEST(g.ask(5) == 1u);
    deliver(g, {50});
    BOOST_TEST(g.grant() == 0u);
    g.acknowledge(1);
    BOOST_TEST(g.outstanding() == 0u);
    BOOST_TEST(g.grant() == 1u);
}

BOOST_AUTO_TEST_CASE(never_grants_more_than_was_asked_for) {
    gate g{1000};
    BOOST_TEST(g.ask(1) == 1u);
    deliver(g, {1});
    BOOST_TEST(g.grant() == 0u);
    BOOST_TEST(g.ask(1) == 1u);
    BOOST_TEST(g.ask(1) == 0u);
    deliver(g, {1});
    BOOST_TEST(g.grant() == 1u);
}

BOOST_AUTO_TEST_CASE(is_as_before_when_a_weight_throws) {
    auto const weight = [](int event) -> std::size_t {
        if (event < 0) throw std::runtime_error("no weight");
        return static_cast<std::size_t>(event);
    };
    sluice::detail::weight_gates gates;
    gates.add(3, 10);
    gates.of(3)->ask(4);
    std::vector events{2, -1};
    BOOST_CHECK_THROW(gates.deliver(3, std::span(events), weight), std::runtime_error);
    BOOST_TEST(gates.of(3)->outstanding() == 0u);
    events = {2, 1};
    gates.deliver(3, std::span(events), weight);
    BOOST_TEST(gates.of(3)->outstanding() == 3u);
}

BOOST_AUTO_TEST_CASE(stands_beside_the_others_of_an_outlet_by_subscriber) {
    sluice::detail::weight_gates gates;
    BOOST_TEST(!gates.any());
    gates.add(2, 10);
    gates.add(0, 5);
    BOOST_TEST(gates.any());
    BOOST_TEST(gates.of(1) == nullptr);
    BOOST_TEST(gates.of(7) == nullptr);
    std::vector events{1};
    gates.deliver(2, std::span(events), [](int) { return std::size_t{1}; });
    BOOST_TEST(gates.take_due() == std::vector<sluice::subscriber_id>{2}, boost::test_tools::per_element());
    BOOST_TEST(gates.take_due().empty());
    gates.remove(2);
    gates.remove(2);
    gates.remove(0);
    BOOST_TEST(!gates.any());
}

BOOST_AUTO_TEST_SUITE_END()
