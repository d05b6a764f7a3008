#pragma once

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <limits>
#include <sluice/sluice.hpp>
#include <string>
#include <utility>
#include <vector>

#include "unit/stages/support.hpp"

/// The stages with which GenStage's own tests work, as handler objects, and what is said about them here.
namespace conformance {

namespace asio = boost::asio;
using sluice::batch;
using sluice::from;
using sluice::outlet;
using sluice::testing::invariant;
using sluice::testing::simulation;
using stages::batch_of;
using stages::describe;
using stages::expect_equal;
using stages::expect_text;
using stages::in_many_orders;
using stages::iota;
using stages::outcome;
using stages::start;

/// What a stage has heard, a sentence each.
using journal = std::vector<std::string>;
/// What a callback has got, call by call.
using batches = std::vector<std::vector<int>>;

inline void tell(journal* heard, std::string what) {
    if (heard) heard->push_back(std::move(what));
}

/// Counter with a number: as many numbers as it is asked for. Once it has emitted `enough` it answers no ask any more,
/// so that a simulation comes to rest; or it ends.
struct counter {
    int next = 0;
    int enough = 2000;
    bool ends = false;
    journal* heard = nullptr;

    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        if (next >= enough) return {};
        auto const first = std::exchange(next, next + static_cast<int>(wanted));
        auto events = iota(first, next);
        if (ends && next >= enough) return sluice::emission<int>::last(std::move(events));
        return events;
    }
    void handle_subscribe(sluice::subscription const&) { tell(heard, "producer_subscribed"); }
    void handle_cancel(sluice::end_reason const& why, sluice::subscription const&) {
        tell(heard, "producer_cancelled: " + why.describe());
    }
};

/// Counter with a recipient: emits nothing but what a visit queues.
struct silent {
    journal* heard = nullptr;
    sluice::subscription* from = nullptr;

    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
    void handle_subscribe(sluice::subscription const& s) {
        tell(heard, "producer_subscribed");
        if (from) *from = s;
    }
    void handle_cancel(sluice::end_reason const& why, sluice::subscription const& s) {
        tell(heard, "producer_cancelled: " + why.describe());
        if (from) invariant(*from == s, "the same subscription as at first");
    }
};

/// DemandProducer: on a demand of d, the single event d.
struct demand_producer {
    auto handle_demand(std::size_t wanted) -> sluice::emission<int> { return {static_cast<int>(wanted)}; }
};
/// NothingProducer: reports demand and emits nothing.
struct nothing_producer {
    std::vector<std::size_t>* asked;

    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        asked->push_back(wanted);
        return {};
    }
};

/// Doubler: emits every event twice.
struct doubler {
    batches* consumed = nullptr;
    journal* heard = nullptr;

    auto handle_events(batch<int> events) -> sluice::emission<int> {
        if (consumed) consumed->emplace_back(events.begin(), events.end());
        std::vector<int> twice;
        for (int event : events) twice.insert(twice.end(), 2, event);
        return twice;
    }
    void handle_subscribe(sluice::subscription const&) { tell(heard, "subscribed"); }
    void handle_cancel(sluice::end_reason const& why, sluice::subscription const&) {
        tell(heard, "cancelled: " + why.describe());
    }
};

/// Discarder: reports events and emits nothing.
struct discarder {
    batches* discarded;

    auto handle_events(batch<int> events) -> sluice::emission<int> {
        discarded->emplace_back(events.begin(), events.end());
        return {};
    }
};

/// Postponer: emits nothing at once, and sends itself the events, to emit them then.
struct postponer {
    sluice::producer_consumer<int, int>* self = nullptr;
    batches* postponed = nullptr;

    auto handle_events(batch<int> events) -> sluice::emission<int> {
        std::vector<int> kept(events.begin(), events.end());
        auto later = [into = postponed, kept](outlet<int>& out) {
            into->push_back(kept);
            out.push(batch_of(kept));
        };
        self->async_visit(std::move(later), asio::detached);
        return {};
    }
};

/// Forwarder. With manual demand, and `from`, the raw subscriber: the test speaks the protocol itself.
struct forwarder {
    batches* consumed;
    journal* heard = nullptr;
    sluice::subscription* from = nullptr;

    void handle_events(batch<int> events) { consumed->emplace_back(events.begin(), events.end()); }
    void handle_subscribe(sluice::subscription const& s) {
        tell(heard, "consumer_subscribed");
        if (from) *from = s;
    }
    void handle_cancel(sluice::end_reason const& why, sluice::subscription const&) {
        tell(heard, "consumer_cancelled: " + why.describe());
    }
};
inline constexpr sluice::subscribe_options by_hand{.demand_mode = sluice::demand_mode::manual};

/// Sleeper: reports events and stays in its callback for ever.
struct sleeper {
    simulation* home;
    batches* got;

    auto handle_events(batch<int> events) -> asio::awaitable<void> {
        got->emplace_back(events.begin(), events.end());
        co_await home->async_wait(std::chrono::hours(24 * 365));
    }
};

/// `queue`: the stage emits these, with demand or without.
template <class Stage>
void queue(Stage& stage, std::vector<int> events) {
    auto push = [events = std::move(events)](outlet<int>& out) { out.push(batch_of(events)); };
    stage.async_visit(std::move(push), asio::detached);
}

/// Both informs of GenStage: `sync` has an answer, `async` has none.
template <class Stage>
void inform_both_ways(Stage& stage, journal& heard) {
    stage.async_inform([&heard] { heard.push_back("sync"); },
                       [&heard](std::exception_ptr error) { heard.push_back(error ? "no answer" : "answer"); });
    stage.async_inform([&heard] { heard.push_back("async"); }, asio::detached);
}

template <class... Stages>
void stop_all(simulation& home, Stages&... all) {
    (all.stop(), ...);
    home.run();
}

/// Numbers first … last - 1.
struct range {
    int first;
    int last;
};

/// The first batches are exactly these, and all that follows goes on counting.
inline void expect_batches(batches const& got, std::vector<range> const& first_ones) {
    invariant(got.size() >= first_ones.size(), "so many batches at least");
    for (std::size_t i = 0; i < first_ones.size(); ++i) {
        expect_equal(got[i], iota(first_ones[i].first, first_ones[i].last), "batch " + std::to_string(i));
    }
    int next = got.front().front();
    for (auto const& each : got) {
        expect_equal(each, iota(next, next + static_cast<int>(each.size())), "the numbers go on");
        next += static_cast<int>(each.size());
    }
}

inline auto joined(batches const& all) -> std::vector<int> {
    std::vector<int> result;
    for (auto const& each : all) result.insert(result.end(), each.begin(), each.end());
    return result;
}
inline auto twice(int first, int last) -> std::vector<int> {
    std::vector<int> result;
    for (; first < last; ++first) result.insert(result.end(), 2, first);
    return result;
}
inline auto longest(batches const& all) -> std::size_t {
    std::size_t most = 0;
    for (auto const& each : all) most = std::max(most, each.size());
    return most;
}
inline auto has_batch(batches const& all, std::vector<int> const& wanted) -> bool {
    return std::ranges::find(all, wanted) != all.end();
}

}  // namespace conformance
