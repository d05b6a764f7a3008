#define BOOST_TEST_MODULE sluice_conformance
#include <boost/test/unit_test.hpp>
