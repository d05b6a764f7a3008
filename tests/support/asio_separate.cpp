// Asio, compiled once for all tests, samples and benchmarks.
#include <boost/asio/impl/src.hpp>
