#include "support.hpp"

#include <boost/test/unit_test.hpp>

namespace flow_test {

void everywhere(void (*call)(void const* test, collector const& collect), void const* test) {
    for (unsigned threads : {1U, 2U}) {
        BOOST_TEST_INFO_SCOPE(threads << " threads");
        sluice::thread_pool pool(threads);
        call(test, collector(pool));
    }
    BOOST_TEST_INFO_SCOPE("io_context");
    call(test, collector());
}

void in_many_orders(void (*call)(void const* test, collector const& collect), void const* test) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        BOOST_TEST_INFO_SCOPE("simulation, seed " << seed);
        call(test, collector(seed));
    }
}

void collector::check_complete(sluice::testing::simulation& simulation) {
    auto const result = simulation.run();
    BOOST_TEST(result.complete());
    BOOST_TEST(simulation.failures().empty());
}

void check_failure(std::string const& expected, std::exception const* error) {
    if (!error) {
        BOOST_ERROR("does not fail");
    } else {
        BOOST_TEST(error->what() == expected);
    }
}

}  // namespace flow_test
