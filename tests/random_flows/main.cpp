#define BOOST_TEST_MODULE sluice_random_flows
#include <boost/test/unit_test.hpp>
