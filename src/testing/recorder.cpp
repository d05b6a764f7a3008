#include <sluice/testing/invariant.hpp>
#include <sluice/testing/recorder.hpp>
#include <string>

namespace sluice::testing {
namespace {

auto name_of(recorder::event_name const& event) -> std::string {
    return "event " + std::to_string(event.sequence) + " of producer " + std::to_string(event.producer);
}

}  // namespace

auto recorder::emitted(std::size_t producer) -> event_name { return {producer, emitted_[producer]++}; }

void recorder::asked(std::size_t consumer, std::size_t producer, std::uint64_t n) {
    auto& way = channels_[{consumer, producer}];
    way.counts_demand = true;
    way.asked += n;
}

void recorder::received(std::size_t consumer, event_name const& event) {
    invariant(event.sequence < emitted_by(event.producer), name_of(event) + " arrived but was never emitted");
    auto& way = channels_[{consumer, event.producer}];
    if (!way.sequences.empty()) {
        invariant(event.sequence != way.sequences.back(),
                  name_of(event) + " arrived twice at consumer " + std::to_string(consumer));
        invariant(event.sequence > way.sequences.back(), name_of(event) + " arrived out of order at consumer " +
                                                             std::to_string(consumer) + ", after event " +
                                                             std::to_string(way.sequences.back()));
    }
    way.sequences.push_back(event.sequence);
    if (way.counts_demand) {
        invariant(way.sequences.size() <= way.asked, "consumer " + std::to_string(consumer) + " received " +
                                                         std::to_string(way.sequences.size()) +
                                                         " events but asked for " + std::to_string(way.asked));
    }
    ++arrivals_[event];
    ++received_;
}

void recorder::discarded(event_name const& event) {
    invariant(event.sequence < emitted_by(event.producer), name_of(event) + " was discarded but never emitted");
    ++arrivals_[event];
    ++discarded_;
}

auto recorder::emitted_count() const noexcept -> std::uint64_t {
    std::uint64_t sum = 0;
    for (auto const& [producer, count] : emitted_) sum += count;
    return sum;
}

auto recorder::emitted_by(std::size_t producer) const -> std::uint64_t {
    auto const found = emitted_.find(producer);
    return found == emitted_.end() ? 0 : found->second;
}

void recorder::check_each_exactly_once() const {
    for (auto const& [event, times] : arrivals_) {
        invariant(times == 1, name_of(event) + " arrived or was discarded " + std::to_string(times) + " times");
    }
    for (auto const& [producer, count] : emitted_) {
        for (std::uint64_t sequence = 0; sequence < count; ++sequence) {
            event_name const event{producer, sequence};
            invariant(arrivals_.contains(event), name_of(event) + " was lost");
        }
    }
}

void recorder::check_broadcast(std::size_t consumer, std::size_t producer, std::uint64_t first) const {
    auto const found = channels_.find({consumer, producer});
    auto const count = found == channels_.end() ? 0 : found->second.sequences.size();
    for (std::uint64_t sequence = first; sequence < emitted_by(producer); ++sequence) {
        bool const there = sequence - first < count && found->second.sequences[sequence - first] == sequence;
        invariant(there, name_of({producer, sequence}) + " did not reach consumer " + std::to_string(consumer) +
                             " in its place");
    }
}

}  // namespace sluice::testing
