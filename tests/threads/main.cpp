#define BOOST_TEST_MODULE sluice_threads
#include <boost/test/unit_test.hpp>
