// The demand dispatcher beside a plain list that does what GenStage does, over random calls.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <span>
#include <utility>
#include <vector>

using sluice::subscriber_id;

namespace {

/// One list, searched from the front, sorted by demand; newer ones behind their equals.
class list_model {
public:
    using place = sluice::demand_dispatcher<int>::place;

    void subscribe(subscriber_id id) { list_.push_back({0, id}); }
    void cancel(subscriber_id id) { pending_ += extract(id); }

    auto ask(subscriber_id id, std::size_t n) -> std::size_t {
        insert({extract(id) + n, id});
        const auto owed = std::min(n, pending_);
        pending_ -= owed;
        return n - owed;
    }

    auto dispatch(std::size_t events) -> std::vector<place> {
        auto sent = std::vector<place>{};
        while (events > 0 && !list_.empty() && list_.front().demand > 0) {
            const auto [demand, id] = list_.front();
            const auto count = std::min(demand, events);
            sent.push_back({count, id});
            extract(id);
            insert({demand - count, id});
            events -= count;
        }
        pending_ -= std::min(pending_, events);
        return sent;
    }

    auto list() const -> std::vector<place> const& { return list_; }
    auto pending() const -> std::size_t { return pending_; }

private:
    auto extract(subscriber_id id) -> std::size_t {
        const auto found = std::ranges::find(list_, id, &place::id);
        const auto demand = found->demand;
        list_.erase(found);
        return demand;
    }

    void insert(place added) {
        const auto behind = [&](place const& each) { return each.demand < added.demand; };
        list_.insert(std::ranges::find_if(list_, behind), added);
    }

    std::vector<place> list_;
    std::size_t pending_ = 0;
};

/// A producer with its buffer, and what it was asked for.
struct producer_model {
    sluice::demand_dispatcher<int> dispatcher;
    std::size_t asked = 0;     // of the producer, altogether
    std::size_t emitted = 0;   // by the producer
    std::size_t buffered = 0;  // emitted, and nobody had demand
    std::size_t delivered = 0;
    std::size_t surplus = 0;  // emitted although nobody had asked
    std::size_t most = 0;     // the largest sum of delivered and live demand so far

    /// Each event asked for or emitted unasked is in exactly one place, and nobody waits while something is there.
    void check_balance() {
        most = std::max(most, delivered + dispatcher.total_demand());
        const auto known = delivered + dispatcher.total_demand() + buffered + dispatcher.pending();
        BOOST_REQUIRE(asked + surplus == known);
        BOOST_REQUIRE((buffered == 0 || dispatcher.total_demand() == 0));
    }

    void emit(std::size_t n) {
        emitted += n;
        dispatch(n);
    }

    void dispatch(std::size_t n) {
        auto events = std::vector<int>(n);
        const auto pending = dispatcher.pending();
        const auto count = [&](subscriber_id, std::span<int> part) { delivered += part.size(); };
        const auto left = dispatcher.dispatch(std::span{events}, count).size();
        buffered += left;
        surplus += left - (pending - dispatcher.pending());
    }

    void ask(subscriber_id id, std::size_t n) {
        asked += dispatcher.ask(id, n, buffered);
        const auto from_buffer = std::min(buffered, dispatcher.total_demand());
        buffered -= from_buffer;
        dispatch(from_buffer);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_demand_dispatcher_beside_a_model)

BOOST_AUTO_TEST_CASE(serves_in_the_order_of_the_sorted_list_and_has_the_same_pending_demand) {
    for (unsigned seed = 0; seed < 400; ++seed) {
        auto random = std::mt19937{seed};
        auto dispatcher = sluice::demand_dispatcher<int>{};
        auto model = list_model{};
        const auto ids = 1 + random() % 40;
        for (int step = 0; step < 150; ++step) {
            const auto id = static_cast<subscriber_id>(random() % ids);
            const auto known = dispatcher.contains(id);
            const auto n = random() % 8;
            switch (random() % 5) {
                case 4: {  // as a dispatch that one takes all of, or not at all
                    auto const before = model;
                    auto const size = 1 + random() % 9;
                    auto const sent = model.dispatch(size);
                    bool const whole = sent.size() == 1 && sent.front().demand == size;
                    auto const taker = dispatcher.take_whole(size);
                    BOOST_REQUIRE(taker.has_value() == whole);
                    if (whole) BOOST_REQUIRE(*taker == sent.front().id);
                    if (!whole) model = before;
                    break;
                }
                case 0:
                    if (!known) {
                        model.subscribe(id);
                        dispatcher.subscribe(id);
                    } else if (random() % 3 == 0) {
                        model.cancel(id);
                        dispatcher.cancel(id);
                    }
                    break;
                case 1:
                case 2:
                    if (known && n > 0) BOOST_REQUIRE(dispatcher.ask(id, n) == model.ask(id, n));
                    break;
                default: {
                    auto events = std::vector<int>(random() % 20);
                    auto sent = std::vector<list_model::place>{};
                    auto next = events.data();
                    const auto left = dispatcher.dispatch(events, [&](subscriber_id to, std::span<int> part) {
                        BOOST_REQUIRE(part.data() == next);  // contiguous and in order
                        next += part.size();
                        sent.push_back({part.size(), to});
                    });
                    BOOST_REQUIRE(left.data() == next);
                    BOOST_REQUIRE(left.data() + left.size() == events.data() + events.size());
                    BOOST_REQUIRE((sent == model.dispatch(events.size())));
                }
            }
            BOOST_REQUIRE((dispatcher.order() == model.list()));
            BOOST_REQUIRE(dispatcher.pending() == model.pending());
            auto total = std::size_t{0};
            for (auto const& each : model.list()) total += each.demand;
            BOOST_REQUIRE(dispatcher.total_demand() == total);
        }
    }
}

BOOST_AUTO_TEST_CASE(asks_the_producer_for_exactly_the_running_maximum_of_delivered_and_live_demand) {
    for (unsigned seed = 0; seed < 400; ++seed) {
        auto random = std::mt19937{seed};
        auto model = producer_model{};
        for (int step = 0; step < 200; ++step) {
            const auto id = static_cast<subscriber_id>(random() % 6);
            switch (random() % 8) {
                case 0: model.dispatcher.subscribe(id); break;
                case 1: model.dispatcher.cancel(id); break;
                case 2:
                case 3:
                case 4: model.ask(id, random() % 10); break;
                default:  // never more than it was asked for
                    model.emit(random() % (model.asked - model.emitted + 1));
            }
            model.check_balance();
            BOOST_REQUIRE(model.surplus == 0);
            BOOST_REQUIRE(model.asked == model.most);
        }
    }
}

BOOST_AUTO_TEST_CASE(loses_no_demand_when_the_producer_emits_more_than_it_was_asked_for) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        auto random = std::mt19937{seed};
        auto model = producer_model{};
        for (int step = 0; step < 100; ++step) {
            const auto id = static_cast<subscriber_id>(random() % 4);
            switch (random() % 5) {
                case 0: model.dispatcher.subscribe(id); break;
                case 1:
                    if (random() % 2 == 0) model.dispatcher.cancel(id);
                    break;
                case 2:
                case 3: model.ask(id, random() % 10); break;
                default: model.emit(random() % 12);
            }
            model.check_balance();
        }
    }
}

BOOST_AUTO_TEST_CASE(serves_ten_thousand_subscribers_by_their_demand) {
    auto dispatcher = sluice::demand_dispatcher<int>{};
    for (subscriber_id id = 0; id < 10'000; ++id) {
        dispatcher.subscribe(id);
        dispatcher.ask(id, 1 + id % 7);
    }
    auto events = std::vector<int>(40'000);
    auto last = std::size_t{7};
    auto count = std::size_t{0};
    const auto left = dispatcher.dispatch(events, [&](subscriber_id id, std::span<int> part) {
        BOOST_REQUIRE(part.size() == 1 + id % 7);
        BOOST_REQUIRE(part.size() <= last);
        last = part.size();
        ++count;
    });
    BOOST_TEST(count == 10'000u);
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(left.size() == 40'000u - (10'000u / 7) * 28 - (1 + 2 + 3 + 4));
}

BOOST_AUTO_TEST_SUITE_END()
