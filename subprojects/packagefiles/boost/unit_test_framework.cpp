// Boost.Test as one file: its main function, which calls what BOOST_TEST_MODULE defines, and everything below it.
#include <boost/test/included/unit_test.hpp>
