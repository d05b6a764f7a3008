#pragma once

#include <array>
#include <cstddef>
#include <future>
#include <memory>
#include <vector>

#include "channel.hpp"
#include "work.hpp"

namespace sluice::benchmarks {

/// A channel to each consumer.
template <class Message, manner How>
using channels_to_all = std::array<channel<Message, How>, consumers>;

using shared_batch_of_events = std::shared_ptr<events const>;

inline auto sum(shared_batch_of_events const& batch) -> event { return sum(*batch); }

template <class T, manner How>
auto channel_summing(channel<T, How>& in, event& total) -> asio::awaitable<void> {
    for (;;) {
        auto got = in.poll();
        if (!got) got = co_await in.receive();
        auto& [error, message] = *got;
        if (error) break;
        total += sum(message);
    }
}

/// Runs source(channels_to_all<T, How>&, amount) -> awaitable, and the consumers, each on a strand of its own.
template <class T, manner How, class Source>
auto sum_up_by_channels(asio::io_context& context, amount const& w, Source source) -> event {
    auto const on_strand = [&] { return asio::any_io_executor(asio::make_strand(context)); };
    auto const capacity = w.batch > 1 ? batches_under_way : events_under_way;
    std::array<asio::any_io_executor, consumers> strands{on_strand(), on_strand(), on_strand(), on_strand()};
    using one = channel<T, How>;
    channels_to_all<T, How> all{one(strands[0], capacity), one(strands[1], capacity), one(strands[2], capacity),
                                one(strands[3], capacity)};
    sums totals;
    std::vector<std::future<void>> ended;
    for (std::size_t i = 0; i < consumers; ++i)
        ended.push_back(asio::co_spawn(strands[i], channel_summing<T, How>(all[i], totals[i]), asio::use_future));
    ended.push_back(asio::co_spawn(on_strand(), source(all, w), asio::use_future));
    for (auto& each : ended) each.get();
    return totals.weighted();
}

}  // namespace sluice::benchmarks
