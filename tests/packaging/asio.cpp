// Asio, for the program that compiles it separately.
#include <boost/asio/impl/src.hpp>
