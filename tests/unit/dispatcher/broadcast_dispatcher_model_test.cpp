// The broadcast dispatcher with a producer and its buffer, beside a model that goes event by event, over random calls.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <sluice/dispatcher/broadcast_dispatcher.hpp>
#include <span>
#include <stdexcept>
#include <vector>

using sluice::subscriber;
using sluice::subscriber_id;
using numbers = std::vector<int>;

namespace {

/// A consumer as the model knows it.
struct consumer {
    std::size_t demand = 0;
    int modulus = 0;  // wants the multiples of it; 0: has no selector
    bool armed = false;
    numbers received = {};

    auto wants(int event) const -> bool { return modulus == 0 || event % modulus == 0; }
};

/// What must come of the same calls, found in the simplest way: one event at a time, everybody looked at.
struct model {
    std::map<subscriber_id, consumer> consumers;
    std::deque<int> backlog;
    std::size_t under_way = 0;  // asked of the producer and not emitted
    std::set<subscriber_id> failed;

    auto common() const -> std::size_t {
        if (consumers.empty()) return 0;
        const auto smaller = [](auto const& a, auto const& b) { return a.second.demand < b.second.demand; };
        return std::ranges::min_element(consumers, smaller)->second.demand;
    }

    /// What is waited for, neither under way nor there.
    auto missing() const -> std::size_t {
        const auto coming = under_way + backlog.size();
        return common() > coming ? common() - coming : 0;
    }

    void emit(numbers const& events) {
        under_way -= std::min(under_way, events.size());
        backlog.insert(backlog.end(), events.begin(), events.end());
        serve();
    }

    void serve() {
        if (backlog.empty() || common() == 0) return;
        std::erase_if(consumers, [&](auto const& each) {
            if (each.second.armed) failed.insert(each.first);
            return each.second.armed;
        });
        for (; !backlog.empty() && common() > 0; backlog.pop_front()) {
            for (auto& [id, each] : consumers) {
                if (!each.wants(backlog.front())) continue;
                --each.demand;
                each.received.push_back(backlog.front());
            }
        }
    }
};

/// The same calls for both, and what they must have in common.
class pair {
public:
    void subscribe(subscriber_id id, int modulus) {
        if (expected_.consumers.contains(id)) return;
        expected_.consumers[id].modulus = modulus;
        received_[id].clear();
        dispatcher_.subscribe(id, modulus == 0 ? subscriber<int>{} : selecting(id, modulus));
        check();
    }

    void cancel(subscriber_id id) {
        expected_.consumers.erase(id);
        answered(dispatcher_.cancel(id, backlog_.size()));
        pump();
    }

    void ask(subscriber_id id, std::size_t n) {
        if (expected_.consumers.contains(id)) expected_.consumers[id].demand += n;
        answered(dispatcher_.ask(id, n, backlog_.size()));
        pump();
    }

    /// The selector will throw when it is asked next.
    void arm(subscriber_id id) {
        const auto found = expected_.consumers.find(id);
        if (found != expected_.consumers.end() && found->second.modulus > 0) found->second.armed = true;
    }

    void emit(std::size_t n) {
        auto events = numbers{};
        for (; n > 0; --n) events.push_back(next_++);
        const auto there = backlog_.size();  // behind it there is no demand: the dispatcher only takes note
        const auto left = dispatch(events);
        expected_.emit(events);
        backlog_.insert(backlog_.end(), left.begin(), left.end());
        BOOST_REQUIRE((there == 0 || left.size() == events.size()));
        answered(dispatcher_.take_returned(backlog_.size()));
        pump();
    }

    /// What a buffer does that is full.
    void drop(std::size_t n) {
        for (n = std::min(n, backlog_.size()); n > 0; --n) {
            backlog_.pop_front();
            expected_.backlog.pop_front();
        }
    }

    auto under_way() const -> std::size_t { return expected_.under_way; }

private:
    auto selecting(subscriber_id id, int modulus) -> subscriber<int> {
        return {.selector = [this, id, modulus](int event) {
            const auto found = expected_.consumers.find(id);
            if (found != expected_.consumers.end() && found->second.armed) throw std::runtime_error{"armed"};
            return event % modulus == 0;
        }};
    }

    auto dispatch(numbers events) -> numbers {
        const auto left = dispatcher_.dispatch(std::span{events}, [&](subscriber_id to, std::span<int> part) {
            BOOST_REQUIRE(!part.empty());
            received_[to].insert(received_[to].end(), part.begin(), part.end());
        });
        while (const auto failed = dispatcher_.take_failed()) failed_.insert(failed->first);
        return {left.begin(), left.end()};
    }

    /// The dispatcher wants so many events of the producer: exactly those that are missing.
    void answered(std::size_t asked) {
        BOOST_REQUIRE(asked == expected_.missing());
        expected_.under_way += asked;
    }

    void pump() {
        while (const auto n = std::min(dispatcher_.total_demand(), backlog_.size())) {
            const auto left = dispatch({backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(n)});
            BOOST_REQUIRE(left.empty() == (dispatcher_.size() > 0));
            backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(n - left.size()));
            const auto coming = expected_.under_way + backlog_.size();
            const auto missing = dispatcher_.total_demand() - std::min(dispatcher_.total_demand(), coming);
            BOOST_REQUIRE(dispatcher_.take_returned(backlog_.size()) == missing);
            expected_.under_way += missing;
        }
        expected_.serve();
        check();
    }

    void check() {
        BOOST_REQUIRE(expected_.missing() == 0);  // nobody waits for what nobody was asked for
        BOOST_REQUIRE(dispatcher_.total_demand() == expected_.common());
        BOOST_REQUIRE(dispatcher_.requested() == expected_.under_way);
        BOOST_REQUIRE((std::ranges::equal(backlog_, expected_.backlog)));
        BOOST_REQUIRE((backlog_.empty() || dispatcher_.total_demand() == 0));
        BOOST_REQUIRE(dispatcher_.size() == expected_.consumers.size());
        BOOST_REQUIRE((failed_ == expected_.failed));
        for (auto const& [id, each] : expected_.consumers) {
            BOOST_REQUIRE(dispatcher_.demand(id) == each.demand);
            BOOST_REQUIRE((received_[id] == each.received));
        }
    }

    sluice::broadcast_dispatcher<int> dispatcher_;
    model expected_;
    std::deque<int> backlog_;
    std::map<subscriber_id, numbers> received_;
    std::set<subscriber_id> failed_;
    int next_ = 0;
};

struct mix {
    bool selectors = false;
    bool failures = false;
    bool unasked = false;  // the producer emits more than it was asked for
    bool drops = false;
};

void run(mix const& may, unsigned seed) {
    auto random = std::mt19937{seed};
    auto both = pair{};
    const auto ids = 1 + random() % 6;
    for (int step = 0; step < 150; ++step) {
        const auto id = static_cast<subscriber_id>(random() % ids);
        switch (random() % 12) {
            case 0:
            case 1:
                both.subscribe(id, may.selectors && random() % 3 > 0 ? 1 + static_cast<int>(random() % 5) : 0);
                break;
            case 2: both.cancel(id); break;
            case 3:
                if (may.failures && random() % 4 == 0) both.arm(id);
                break;
            case 4:
                if (may.drops) both.drop(random() % 4);
                break;
            case 5:
            case 6:
            case 7:
            case 8: both.ask(id, random() % 10); break;
            default: both.emit(random() % ((may.unasked ? 12 : both.under_way()) + 1));
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_broadcast_dispatcher_beside_a_model)

BOOST_AUTO_TEST_CASE(gives_everybody_the_same_and_asks_for_what_is_missing_and_no_more) {
    for (unsigned seed = 0; seed < 300; ++seed) run({}, seed);
}

BOOST_AUTO_TEST_CASE(does_so_with_selectors) {
    for (unsigned seed = 0; seed < 300; ++seed) run({.selectors = true}, seed);
}

BOOST_AUTO_TEST_CASE(does_so_with_selectors_that_throw) {
    for (unsigned seed = 0; seed < 300; ++seed) run({.selectors = true, .failures = true}, seed);
}

BOOST_AUTO_TEST_CASE(does_so_when_the_producer_emits_more_than_it_was_asked_for_and_the_buffer_drops_some) {
    for (unsigned seed = 0; seed < 300; ++seed) run({.unasked = true, .drops = true}, seed);
    for (unsigned seed = 0; seed < 600; ++seed)
        run({.selectors = true, .failures = true, .unasked = true, .drops = true}, seed);
}

BOOST_AUTO_TEST_SUITE_END()
