// Uses two libraries, each with a Sluice of its own or both with one, and names nothing of Sluice itself.
#include "part.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace asio = boost::asio;

namespace {

int failures = 0;

void expect(bool holds, char const* what) {
    if (holds) return;
    std::cout << "not so: " << what << '\n';
    ++failures;
}

constexpr int count = 10'000;
constexpr long sum = 49'995'000;

// Both at once, each on threads of its own.
void run_on_pools() {
    long others = 0;
    std::thread beside([&] { others = second::sum_on_a_pool(count); });
    expect(first::sum_on_a_pool(count) == sum, "the first library sums up on its pool");
    beside.join();
    expect(others == sum, "the second library sums up on its pool");
}

// Both in one execution context, by turns.
void run_in_one_context() {
    asio::io_context context;
    int done = 0;
    auto const note = [&](std::exception_ptr const& error, long result) {
        if (!error && result == sum) ++done;
    };
    asio::co_spawn(context, first::sum_here(count), note);
    asio::co_spawn(context, second::sum_here(count), note);
    asio::co_spawn(context, first::sum_here(count), note);
    context.run();
    expect(done == 3, "pipelines of both libraries run in one context");
}

template <class Throws>
auto thrown_by(Throws throws) -> std::exception_ptr {
    try {
        throws();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

void catch_what_is_thrown() {
    try {
        first::ask_in_vain();
        expect(false, "an option that is out of its range is refused");
    } catch (boost::system::system_error const& error) {
        expect(second::is_invalid_option(error.code()), "the second library knows an error code of the first");
        expect(first::is_invalid_option(error.code()), "the first library knows its own error code");
    }
    auto const of_a_step = thrown_by(second::run_and_fail);
    expect(of_a_step != nullptr, "what a step throws ends the run");
    try {
        std::rethrow_exception(of_a_step);
    } catch (std::out_of_range const&) {
        expect(first::knows_its_step(of_a_step), "the first library knows the step that has thrown in the second");
    }
    expect(second::is_a_bad_table(thrown_by(first::read_a_bad_table)), "the second catches what the first throws");
}

}  // namespace

int main() {
    run_on_pools();
    run_in_one_context();
    catch_what_is_thrown();
    if (failures == 0) std::cout << "two libraries: all as it should be\n";
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
