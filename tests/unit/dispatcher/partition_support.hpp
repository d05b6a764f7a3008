#pragma once

#include <cstddef>
#include <sluice/dispatcher/partition_dispatcher.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace partitions {

using sluice::subscriber_id;

/// A dispatcher of integers, and what it has delivered as "id:event,event".
template <class Key = std::size_t>
struct fixture {
    using dispatcher_type = sluice::partition_dispatcher<int, Key>;

    explicit fixture(dispatcher_type value) : dispatcher(std::move(value)) {}

    auto deliver() {
        return [this](subscriber_id to, std::span<int> part) { note(to, part); };
    }

    void note(subscriber_id to, std::span<int> part) {
        if (!sent.empty()) sent += ' ';
        sent += std::to_string(to) + ':' + text(part);
    }

    /// Answers what was left over.
    auto dispatch(std::vector<int> events) -> std::string {
        sent.clear();
        return text(dispatcher.dispatch(std::span(events), deliver()));
    }

    /// Answers what was asked of the producer, after a flush.
    auto ask(subscriber_id id, std::size_t n, std::size_t buffered = 0) -> std::size_t {
        sent.clear();
        auto const asked = dispatcher.ask(id, n, buffered);
        dispatcher.flush(deliver());
        return asked;
    }

    auto cancel(subscriber_id id, std::size_t buffered = 0) -> std::size_t {
        sent.clear();
        auto const asked = dispatcher.cancel(id, buffered);
        dispatcher.flush(deliver());
        return asked;
    }

    void join(subscriber_id id, Key partition) { dispatcher.subscribe(id, {.partition = std::move(partition)}); }

    /// "waiting,pending"
    auto account() const -> std::string {
        return std::to_string(dispatcher.waiting()) + ',' + std::to_string(dispatcher.pending());
    }

    auto dropped() -> std::string {
        auto events = std::vector<int>();
        dispatcher.take_dropped([&](int&& event) { events.push_back(event); });
        return text(events);
    }

    auto cleared() -> std::string {
        auto events = std::vector<int>();
        dispatcher.clear([&](int&& event) { events.push_back(event); });
        return text(events);
    }

    /// The infos that are due.
    auto due() -> std::string {
        auto text = std::string();
        while (auto const number = dispatcher.take_due_info()) text += std::to_string(*number) + ' ';
        return text;
    }

    static auto text(std::span<int const> events) -> std::string {
        auto text = std::string();
        for (int const event : events) text += (text.empty() ? "" : ",") + std::to_string(event);
        return text;
    }

    dispatcher_type dispatcher;
    std::string sent;
};

/// The remainder says the partition.
inline auto by_remainder(int n) {
    return [n](int event) { return event % n; };
}

}  // namespace partitions
