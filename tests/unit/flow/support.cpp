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

void check_failure(std::string const& expected, std::exception const* error) {
    if (!error) {
        BOOST_ERROR("does not fail");
    } else {
        BOOST_TEST(error->what() == expected);
    }
}

}  // namespace flow_test
