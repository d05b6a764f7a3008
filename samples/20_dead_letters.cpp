// A flow over a log of orders with broken lines in it: what cannot be read or converted is put aside with the reason,
// and the rest is summed up. The service that knows the rates is busy now and then: it is asked again.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <sluice/flow/flow.hpp>
#include <sluice/text.hpp>
#include <sluice/thread_pool.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace flow = sluice::flow;
using namespace std::chrono_literals;

char const* const log_of_orders = R"(2026-03-01,anna,1250,EUR
2026-03-01,ben,990,USD
2026-03-01,carl,12x,EUR
2026-03-02,dora,4000,JPY
2026-03-02,emil
2026-03-02,anna,600,XAU
2026-03-03,ben,-5,USD
2026-03-03,fred,2000,USD
)";

struct order {
    std::string customer;
    long amount;
    std::string currency;
};

/// Throws for a line that is no order.
auto parse(sluice::text const& line) -> order {
    std::vector<std::string> fields;
    std::istringstream in{std::string(std::string_view(line))};
    for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
    if (fields.size() != 4) throw std::invalid_argument(std::to_string(fields.size()) + " fields instead of 4");
    auto const& digits = fields[2];
    long amount = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
    if (error != std::errc() || end != digits.data() + digits.size()) throw std::invalid_argument("amount: " + digits);
    if (amount <= 0) throw std::out_of_range("amount: " + digits);
    return {fields[1], amount, fields[3]};
}

/// Knows what a hundred of a currency are worth in cents; is busy when it is asked for one for the first time.
class rate_service {
public:
    auto rate_of(std::string currency) -> asio::awaitable<long> {
        asio::steady_timer on_its_way(co_await asio::this_coro::executor, 1ms);
        co_await on_its_way.async_wait(asio::use_awaitable);
        std::lock_guard const lock(mutex_);
        if (asked_.insert(currency).second) throw std::runtime_error("busy");
        auto const found = rates_.find(currency);
        if (found == rates_.end()) throw std::out_of_range("no rate for " + currency);
        co_return found->second;
    }

private:
    std::mutex mutex_;
    std::set<std::string> asked_;
    std::map<std::string, long> const rates_{{"EUR", 100}, {"USD", 92}, {"JPY", 1}};
};

auto cents_of(rate_service& service, order o) -> asio::awaitable<long> {
    long const rate = co_await service.rate_of(o.currency);
    co_return o.amount* rate / 100;
}

/// What is put aside, as a file would show it. Lines and orders come here: what cannot be read, and what cannot be
/// converted.
struct put_aside {
    std::vector<std::string>* to;

    static auto shown(sluice::text const& line) { return std::string(std::string_view(line)); }
    static auto shown(order const& o) { return o.customer + ", " + std::to_string(o.amount) + " " + o.currency; }

    template <class Event>
    void operator()(flow::dead_letter<Event> const& letter) const {
        to->push_back(to_string(letter.place) + ": " + letter.reason() + "  <  " + shown(*letter.event));
    }
};

int main() {
    sluice::thread_pool pool;
    rate_service service;
    std::istringstream lines(log_of_orders);
    std::vector<std::string> letters;

    // [readme:dead_letters]
    auto const cents =
        flow::from_lines(lines) | flow::on_error(flow::to(put_aside{&letters})) | flow::map(parse).named("parse") |
        flow::retry({.attempts = 3, .backoff = 1ms}) |
        flow::map_async([&service](order o) { return cents_of(service, std::move(o)); }).named("convert");
    auto const total = flow::sum(cents, pool);  // one bad line does not end it
    // [readme:end]

    std::sort(letters.begin(), letters.end());  // two stages write them
    for (auto const& letter : letters) std::cout << letter << '\n';
    std::cout << "the others: " << total << " cents\n\n" << flow::describe(cents).text() << '\n';

    // Without on_error the first bad line ends the flow, and the exception tells where it was.
    std::istringstream again(log_of_orders);
    auto const strict = flow::from_lines(again) | flow::map(parse).named("parse");
    try {
        flow::run(strict, pool);
    } catch (std::invalid_argument const& error) {
        auto const where = flow::place_of(std::current_exception());
        std::cout << error.what() << ", in " << (where ? to_string(*where) : "nowhere") << '\n';
    }
    return total == 1250 + 910 + 40 + 1840 && letters.size() == 4 ? EXIT_SUCCESS : EXIT_FAILURE;
}
