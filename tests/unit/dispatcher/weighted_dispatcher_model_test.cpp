// The weighted dispatcher over random calls: what it promises, checked call by call by one who only counts.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <map>
#include <random>
#include <sluice/dispatcher/weighted_dispatcher.hpp>
#include <span>
#include <vector>

using sluice::subscriber_id;

namespace {

struct consumer {
    std::size_t weight = 1;
    std::size_t demand = 0;
    double rounds = 0;                      // received, in rounds, altogether
    std::map<subscriber_id, double> ahead;  // of whom, when both last began to have demand
};

/// A producer with its buffer, and what it was asked for.
class counter {
public:
    explicit counter(std::size_t quantum) : dispatcher_({.quantum = quantum}), quantum_(quantum) {}

    void subscribe(subscriber_id id, std::size_t weight) {
        if (consumers_.contains(id)) return;
        consumers_[id].weight = weight;
        BOOST_REQUIRE(dispatcher_.subscribe(id, {.weight = weight}) == 0u);
    }

    void cancel(subscriber_id id) {
        consumers_.erase(id);
        BOOST_REQUIRE(dispatcher_.cancel(id) == 0u);
        check();
    }

    void ask(subscriber_id id, std::size_t n) {
        const auto found = consumers_.find(id);
        const auto begins = found != consumers_.end() && found->second.demand == 0 && n > 0;
        if (found != consumers_.end()) found->second.demand += n;
        if (begins) begin_comparison(id);
        asked_ += dispatcher_.ask(id, n, buffered_);
        const auto from_buffer = std::min(buffered_, dispatcher_.total_demand());
        buffered_ -= from_buffer;
        dispatch(from_buffer);
        check();
    }

    void emit(std::size_t n) {
        emitted_ += n;
        dispatch(n);
        check();
    }

    auto under_way() const -> std::size_t { return asked_ - emitted_; }

private:
    void begin_comparison(subscriber_id id) {
        auto& mine = consumers_[id];
        mine.ahead.clear();
        for (auto& [other, theirs] : consumers_) {
            if (other == id || theirs.demand == 0) continue;
            mine.ahead[other] = mine.rounds - theirs.rounds;
            theirs.ahead[id] = theirs.rounds - mine.rounds;
        }
    }

    void dispatch(std::size_t n) {
        auto most = std::size_t{0};
        for (auto const& [id, each] : consumers_) most += each.demand;
        auto events = std::vector<int>(n);
        auto next = events.data();
        const auto left = dispatcher_.dispatch(events, [&](subscriber_id to, std::span<int> part) {
            BOOST_REQUIRE(part.data() == next);  // contiguous and in order
            next += part.size();
            auto& theirs = consumers_.at(to);
            BOOST_REQUIRE(part.size() <= theirs.demand);
            theirs.demand -= part.size();
            theirs.rounds += static_cast<double>(part.size()) / static_cast<double>(quantum_ * theirs.weight);
            delivered_ += part.size();
            largest_part_ = std::max(largest_part_, part.size());
        });
        BOOST_REQUIRE(left.data() == next);
        BOOST_REQUIRE(left.size() == n - std::min(n, most));
        buffered_ += left.size();
    }

    void check() {
        auto total = std::size_t{0};
        for (auto const& [id, each] : consumers_) {
            BOOST_REQUIRE(dispatcher_.demand(id) == each.demand);
            total += each.demand;
        }
        BOOST_REQUIRE(dispatcher_.total_demand() == total);
        BOOST_REQUIRE((buffered_ == 0 || total == 0));
        // Each event asked for is in exactly one place.
        BOOST_REQUIRE(asked_ == delivered_ + total + buffered_ + dispatcher_.pending());
        check_fairness();
    }

    /// Those who have had demand throughout have received the same number of rounds since, but for their last turns.
    void check_fairness() {
        const auto turn = static_cast<double>(largest_part_) / static_cast<double>(quantum_);
        for (auto& [id, mine] : consumers_) {
            if (mine.demand == 0) mine.ahead.clear();
            for (auto const& [other, ahead] : mine.ahead) {
                if (!consumers_.contains(other) || consumers_[other].demand == 0) continue;
                const auto since = mine.rounds - consumers_[other].rounds - ahead;
                BOOST_REQUIRE(since <= turn + 2);
            }
        }
    }

    sluice::weighted_dispatcher<int> dispatcher_;
    std::size_t quantum_;
    std::map<subscriber_id, consumer> consumers_;
    std::size_t asked_ = 0;
    std::size_t emitted_ = 0;
    std::size_t buffered_ = 0;
    std::size_t delivered_ = 0;
    std::size_t largest_part_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_weighted_dispatcher_over_random_calls)

BOOST_AUTO_TEST_CASE(loses_no_demand_and_keeps_those_who_wait_together) {
    for (unsigned seed = 0; seed < 400; ++seed) {
        auto random = std::mt19937{seed};
        auto world = counter{1 + random() % 3};
        const auto ids = 1 + random() % 8;
        for (int step = 0; step < 300; ++step) {
            const auto id = static_cast<subscriber_id>(random() % ids);
            switch (random() % 10) {
                case 0:
                case 1: world.subscribe(id, 1 + random() % 5); break;
                case 2:
                    if (random() % 3 == 0) world.cancel(id);
                    break;
                case 3:
                case 4:
                case 5: world.ask(id, random() % 30); break;
                default:  // never more than it was asked for
                    world.emit(random() % (std::min<std::size_t>(world.under_way(), 12) + 1));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(serves_exactly_by_weight_in_the_long_run) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        auto random = std::mt19937{seed};
        auto dispatcher = sluice::weighted_dispatcher<int>{{.quantum = 1 + random() % 4}};
        auto weights = std::vector<std::size_t>(2 + random() % 6);
        auto received = std::vector<std::size_t>(weights.size());
        auto sum = std::size_t{0};
        for (subscriber_id id = 0; id < weights.size(); ++id) {
            sum += weights[id] = 1 + random() % 9;
            dispatcher.subscribe(id, {.weight = weights[id]});
            dispatcher.ask(id, 100 + random() % 1'000);
        }
        auto served = std::size_t{0};
        while (served < 100'000) {
            auto events = std::vector<int>(1 + random() % 50);
            served += events.size();
            const auto left = dispatcher.dispatch(events, [&](subscriber_id to, std::span<int> part) {
                received[to] += part.size();
                dispatcher.ask(to, part.size());  // keeps asking
            });
            BOOST_REQUIRE(left.empty());
        }
        for (std::size_t id = 0; id < weights.size(); ++id) {
            const auto fair = static_cast<double>(served * weights[id]) / static_cast<double>(sum);
            BOOST_TEST(static_cast<double>(received[id]) == fair, boost::test_tools::tolerance(0.02));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
