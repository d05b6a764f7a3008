// Stages of two libraries in one pipeline, with one shared Sluice: each feeds the other's.
#include "exchange.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sluice/sluice.hpp>

namespace asio = boost::asio;

namespace {

constexpr int count = 2000;
constexpr std::size_t letters = 9 + 2 * 90 + 3 * 900 + 4 * 1001;
constexpr std::size_t letters_of_long_words = 3 * 900 + 4 * 1001;

struct library {
    decltype(&first::make_words) make_words;
    decltype(&first::make_reader) make_reader;
    decltype(&first::make_tally) make_tally;
    decltype(&first::visit) visit;
};

auto exchange(library const& from, library const& to) -> bool {
    asio::io_context context;
    auto const executor = context.get_executor();
    std::size_t all = 0, own = 0, some = 0;
    int visited = 0;
    bool ended = false;

    auto const words = from.make_words(executor, count);
    auto const tally = to.make_tally(executor, *words, all);
    auto const beside = from.make_reader(executor, *words, 1, own);
    auto const reader = to.make_reader(executor, *words, 3, some);
    words->set_demand(sluice::demand_flow::forward);  // all have subscribed
    sluice::async_run(*words, *tally, *beside, *reader, [&](std::exception_ptr const& error) { ended = !error; });
    // While events wait, so that visits stand in line with them; the last ones come when all is over.
    for (int i = 0; i < 20; ++i) {
        to.visit(*tally, [&](bool was) { visited += was ? 1 : 0; });
        for (int steps = 0; steps < 7; ++steps) context.poll_one();
    }
    context.run();
    return ended && visited > 0 && all == letters && own == letters && some == letters_of_long_words;
}

}  // namespace

int main() {
    library const one{first::make_words, first::make_reader, first::make_tally, first::visit};
    library const other{second::make_words, second::make_reader, second::make_tally, second::visit};
    bool const right = exchange(one, other) && exchange(other, one);
    std::cout << (right ? "two libraries exchange events\n" : "two libraries do not understand each other\n");
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
