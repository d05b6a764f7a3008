#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <sluice/sluice.hpp>
#include <sluice/testing/testing.hpp>
#include <vector>

#include "fans.hpp"

/// What a fan notes of each event, and the bodies that note it.
namespace fans {

namespace asio = boost::asio;
using namespace sluice::testing;
using event = counted<int>;
using events = sluice::batch<event>;
using options = sluice::subscribe_options;

/// One consumer, and what it was given.
struct taker {
    std::size_t number = 0;
    std::size_t divisor = 0;  ///< a selector: only multiples of it; 0: all
    std::size_t partition = 0;
    std::size_t weight = 1;
    std::vector<int> got = {};
    std::vector<int> lost = {};  ///< given, and discarded on its side
    bool whole = true;           ///< from before the first event to the end
    bool ended = false;
    sluice::subscription over = {};  ///< the one it has, if its body is told of it
    bool resubscribed = false;
    bool permanent = false;  ///< it ends with its subscription, whatever becomes of that
};

/// Everything a run notes.
struct ledger {
    simulation& home;
    chooser& decider;
    kind dispatcher = kind::demand;
    std::size_t partitions = 0;
    std::size_t last = 0;  ///< how many events the source makes
    bool redeliver = false;
    std::size_t failures = 0;  ///< consumers that may still fail
    bool generous = false;     ///< everybody asks for more than there is
    int made = 0;
    std::vector<int> lost = {};  ///< discarded by the producer
    std::deque<taker> takers = {};
    std::size_t informs = 0;
    std::vector<std::size_t> informed = {};
    std::size_t uninformed = 0;
    bool producer_ended = false;
    bool producer_stopped = false;

    auto make(std::size_t n) -> events {
        events some;
        for (; n > 0 && static_cast<std::size_t>(made) < last; --n) some.emplace_back(home.events(), made++);
        return some;
    }
    /// Multiples of 5 are for nobody.
    auto partition_of(int id) const -> std::optional<std::size_t> {
        if (id % 5 == 0) return std::nullopt;
        return static_cast<std::size_t>(id) % partitions;
    }
    auto wants(taker const& t, int id) const -> bool {
        if (dispatcher == kind::partitions) return partition_of(id) == t.partition;
        return t.divisor == 0 || static_cast<std::size_t>(id) % t.divisor == 0;
    }
};
using ledger_ptr = std::shared_ptr<ledger>;

// Bodies.

inline auto emit_all(sluice::outlet<event>& out, ledger_ptr book) -> asio::awaitable<void> {
    bool more = true;
    while (more && static_cast<std::size_t>(book->made) < book->last) {
        auto const n = book->decider.choose(5) + 1;
        more = co_await out.emit(book->make(n));
    }
}
struct answering {
    ledger_ptr book;

    auto handle_demand(std::size_t wanted) -> sluice::emission<event> {
        auto some = book->make(wanted);
        bool const last = static_cast<std::size_t>(book->made) == book->last;
        return last ? sluice::emission<event>::last(std::move(some)) : sluice::emission<event>(std::move(some));
    }
};
class failure : public std::exception {};

template <class Batch>
void note(ledger& book, taker& t, Batch const& some) {
    if (book.failures > 0 && book.decider.choose(6) == 5) {  // before it has done anything with them
        --book.failures;
        if (t.resubscribed) {  // the producer keeps nothing of a subscription that was given up
            for (auto const& each : some) t.lost.push_back(each.value());
        }
        throw failure();
    }
    for (auto const& each : some) t.got.push_back(each.value());
}
inline auto take(sluice::inlet<event>& in, ledger_ptr book, taker& t) -> asio::awaitable<void> {
    while (auto some = co_await in.receive()) note(*book, t, *some);
}
inline auto look(sluice::inlet<event>& in, ledger_ptr book, taker& t) -> asio::awaitable<void> {
    while (auto some = co_await in.receive_shared()) {
        note(*book, t, *some);
        auto const slow = book->decider.choose(3) == 0;
        if (slow) co_await hesitate(book->home);
    }
}
struct looking {
    ledger_ptr book;
    taker* t;
    void handle_events(sluice::shared_batch<event> const& some) { note(*book, *t, some); }
    void handle_subscribe(sluice::subscription const& s) { t->over = s; }
};

}  // namespace fans
