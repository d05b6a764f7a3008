#pragma once
// What each of two libraries offers: pipelines of its own, run inside it.

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <exception>

#define PART_OF(name)                                                                                    \
    namespace name {                                                                                     \
    /* The sum of 0 … count - 1, from two stages on the library's own pool. */                         \
    PART_SHOWS auto sum_on_a_pool(int count) -> long;                                                    \
    /* The same on the executor of who awaits it. */                                                     \
    PART_SHOWS auto sum_here(int count) -> boost::asio::awaitable<long>;                                 \
    /* Runs a flow whose step throws std::out_of_range. */                                               \
    PART_SHOWS void run_and_fail();                                                                      \
    /* Throws what Sluice throws of an option that is out of its range, and of a table that is wrong. */ \
    PART_SHOWS void ask_in_vain();                                                                       \
    PART_SHOWS void read_a_bad_table();                                                                  \
    /* Whether Sluice, as this library has it, knows what was thrown, perhaps by another one. */         \
    PART_SHOWS auto is_invalid_option(boost::system::error_code const& error) -> bool;                   \
    PART_SHOWS auto knows_its_step(std::exception_ptr const& thrown) -> bool;                            \
    PART_SHOWS auto is_a_bad_table(std::exception_ptr const& thrown) -> bool;                            \
    }

#define PART_SHOWS __attribute__((visibility("default")))

PART_OF(first)
PART_OF(second)
