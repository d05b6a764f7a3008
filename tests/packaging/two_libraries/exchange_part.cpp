// One of two libraries that hide their symbols, use one shared Sluice, and exchange events. PART is its name.
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <sluice/sluice.hpp>
#include <utility>

#include "exchange.hpp"

namespace asio = boost::asio;

namespace {

auto words(sluice::outlet<std::string>& out, int count) -> asio::awaitable<void> {
    for (int i = 1; i <= count; ++i) {
        if (i % 2 == 0) {
            const bool taken = co_await out.emit(std::to_string(i));
            if (!taken) co_return;
        } else {
            auto batch = out.make_batch();
            batch.push_back(std::to_string(i));
            const bool taken = co_await out.emit(std::move(batch));
            if (!taken) co_return;
        }
    }
}

auto reader(sluice::inlet<std::string>& in, std::size_t& sum) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive_shared()) {
        for (auto const& word : *batch) sum += word.size();
    }
}

struct tally {
    std::size_t* sum;
    void handle_events(sluice::batch<std::string> batch) {
        for (auto const& word : batch) *sum += word.size();
    }
};

}  // namespace

namespace PART {

auto make_words(asio::any_io_executor const& executor, int count) -> word_producer {
    auto const later = sluice::outlet_options{.demand = sluice::demand_flow::accumulate};
    return std::make_unique<sluice::producer<std::string>>(executor, later, sluice::broadcast_dispatcher<std::string>{},
                                                           words, count);
}

auto make_reader(asio::any_io_executor const& executor, sluice::producer<std::string>& of, std::size_t letters,
                 std::size_t& sum) -> word_consumer {
    auto const is_long = [letters](std::string const& word) { return word.size() >= letters; };
    return std::make_unique<sluice::consumer<std::string>>(
        executor, sluice::from(of, {.max_demand = 10}).select(is_long), reader, std::ref(sum));
}

auto make_tally(asio::any_io_executor const& executor, sluice::producer<std::string>& of, std::size_t& sum)
    -> word_consumer {
    return std::make_unique<sluice::consumer<std::string>>(executor, sluice::from(of, {.max_demand = 10}), tally{&sum});
}

void visit(sluice::consumer<std::string>& of, std::function<void(bool)> const& answer) {
    of.async_visit<tally>([](tally& visited) { return *visited.sum; },
                          [answer](std::exception_ptr const& error, std::size_t) { answer(!error); });
}

}  // namespace PART
