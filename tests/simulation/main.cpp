#define BOOST_TEST_MODULE sluice_simulation
#include <boost/test/unit_test.hpp>
