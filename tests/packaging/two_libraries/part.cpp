// One of two libraries that use Sluice and show nothing of it. PART is its name.
#include "part.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <numeric>
#include <sluice/csv.hpp>
#include <sluice/flow/flow.hpp>
#include <sluice/sluice.hpp>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace asio = boost::asio;

namespace {

auto counter(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}

auto adder(sluice::inlet<int>& in, long& sum) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) sum = std::accumulate(events->begin(), events->end(), sum);
}

}  // namespace

namespace PART {

auto sum_on_a_pool(int count) -> long {
    sluice::thread_pool pool{2};
    long sum = 0;
    sluice::producer<int> numbers{pool, counter, 0, count};
    sluice::consumer<int> summed{pool, sluice::from(numbers), adder, std::ref(sum)};
    sluice::run(numbers, summed);
    return sum;
}

auto sum_here(int count) -> asio::awaitable<long> {
    auto const executor = co_await asio::this_coro::executor;
    long sum = 0;
    sluice::producer<int> numbers{executor, counter, 0, count};
    sluice::consumer<int> summed{executor, sluice::from(numbers), adder, std::ref(sum)};
    co_await sluice::async_run(numbers, summed);
    co_return sum;
}

void run_and_fail() {
    sluice::thread_pool pool{2};
    std::vector<int> const numbers{1, 2, 3};
    auto const fails = sluice::flow::from(numbers) | sluice::flow::map([](int number) -> int {
                           if (number == 2) throw std::out_of_range("no number may be 2");
                           return number;
                       });
    sluice::flow::run(fails, pool);
}

void ask_in_vain() { sluice::validate(sluice::subscribe_options{.max_demand = 1, .min_demand = 1}); }

void read_a_bad_table() {
    std::istringstream text("name,price\napples\n");
    sluice::csv_reader table(text);
    std::vector<sluice::csv_row> rows;
    while (table.read(rows, 100)) {}
}

auto is_invalid_option(boost::system::error_code const& error) -> bool {
    return error == sluice::errc::invalid_option && error.category() == sluice::sluice_category();
}

auto knows_its_step(std::exception_ptr const& thrown) -> bool {
    auto const place = sluice::flow::place_of(thrown);
    return place && place->element == 1U;
}

auto is_a_bad_table(std::exception_ptr const& thrown) -> bool {
    try {
        std::rethrow_exception(thrown);
    } catch (sluice::csv_error const& error) {
        return error.line() == 2;
    } catch (...) {
        return false;
    }
}

}  // namespace PART
