#define BOOST_TEST_MODULE sluice_steady_state
#include <boost/test/unit_test.hpp>
