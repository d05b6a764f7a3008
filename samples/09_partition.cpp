// Events with a key, each key in the hands of one consumer, which so needs no lock for what it knows of it: accounts.
// The list of partitions may be names of any hashable type; what no partition is for, the hash answers with nullopt.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <sluice/sluice.hpp>
#include <string>
#include <utility>

namespace asio = boost::asio;

struct payment {
    std::string country;
    std::string account;
    int amount = 0;
};
using balances = std::map<std::string, int>;

auto bank(sluice::outlet<payment>& out, int payments) -> asio::awaitable<void> {
    char const* const countries[] = {"at", "de", "fr", "xx"};
    for (int i = 0; i < payments; ++i) {
        auto const* const country = countries[i % 4];
        payment event{country, country + std::to_string(i % 8), i % 5 == 0 ? -2 : 1};
        const bool taken = co_await out.emit(std::move(event));
        if (!taken) co_return;
    }
}
auto clerk(sluice::inlet<payment>& in, balances& accounts) -> asio::awaitable<void> {
    while (auto payments = co_await in.receive()) {
        for (auto const& each : *payments) accounts[each.account] += each.amount;
    }
}

int main() {
    balances austria, germany, france;
    std::size_t unknown = 0;
    sluice::thread_pool pool;
    // [readme:partition]
    auto const by_country = [&unknown](payment const& each) -> std::optional<std::string> {
        if (each.country != "xx") return each.country;
        ++unknown;            // on the producer's strand, one at a time
        return std::nullopt;  // nobody's, and costs no demand
    };
    sluice::partition_dispatcher<payment, std::string> dispatcher({"at", "de", "fr"}, by_country, {.queue_limit = 100});
    sluice::producer<payment> payments{pool, std::move(dispatcher), bank, 4000};
    sluice::consumer<payment> vienna{pool, sluice::from(payments).partition("at"), clerk, std::ref(austria)};
    sluice::consumer<payment> berlin{pool, sluice::from(payments).partition("de"), clerk, std::ref(germany)};
    sluice::consumer<payment> paris{pool, sluice::from(payments).partition("fr"), clerk, std::ref(france)};
    sluice::run(payments, vienna, berlin, paris);
    // [readme:end]

    int sum = 0;
    for (auto const* each : {&austria, &germany, &france}) {
        for (auto const& [account, balance] : *each) {
            std::cout << account << ": " << balance << '\n';
            sum += balance;
        }
    }
    std::cout << "of no known country: " << (unknown > 0 ? "some" : "none") << '\n';
    bool const right = austria.size() == 2 && germany.size() == 2 && france.size() == 2 && sum == 1200 && unknown > 0;
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
