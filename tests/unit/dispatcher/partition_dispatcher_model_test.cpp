// The partition dispatcher beside plain lists that take one event after the other, over random calls; and the account
// of a producer that holds what it could not hand out.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <sluice/dispatcher/partition_dispatcher.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "unit/dispatcher/partition_support.hpp"

using namespace partitions;

namespace {

constexpr std::size_t unwanted = 99;

/// One partition: a sorted list of those who have asked, and a queue.
struct plain_partition {
    struct place {
        std::size_t demand;
        subscriber_id id;
    };

    auto demand() const -> std::size_t {
        auto sum = std::size_t{0};
        for (auto const& each : list) sum += each.demand;
        return sum;
    }
    void insert(place added) {
        auto const behind = [&](place const& each) { return each.demand < added.demand; };
        list.insert(std::ranges::find_if(list, behind), added);
    }
    auto extract(subscriber_id id) -> std::size_t {
        auto const found = std::ranges::find(list, id, &place::id);
        auto const demand = found->demand;
        list.erase(found);
        return demand;
    }
    /// To those with demand, as far as it goes; answers how many.
    template <class Events, class Note>
    auto serve(Events const& events, Note note) -> std::size_t {
        auto done = std::size_t{0};
        while (done < events.size() && !list.empty() && list.front().demand > 0) {
            auto const [demand, id] = list.front();
            auto const count = std::min(demand, events.size() - done);
            for (std::size_t i = 0; i < count; ++i) note(id, events[done++]);
            extract(id);
            insert({demand - count, id});
        }
        return done;
    }

    std::vector<place> list;
    std::deque<int> queue;
    std::vector<std::pair<int, std::size_t>> marks;  // info, events in front of it
};

/// The rules in the plainest words.
struct plain_model {
    explicit plain_model(sluice::partition_options const& o) : options(o), parts(o.partitions) {}

    auto waiting() const -> std::size_t {
        auto sum = pending;
        for (auto const& each : parts) {
            auto const met = std::min(each.demand(), each.queue.size());
            sum += options.queue_ahead ? each.demand() - met : each.demand();
        }
        return options.queue_ahead ? sum : sum - queued();
    }
    auto queued() const -> std::size_t {
        auto sum = std::size_t{0};
        for (auto const& each : parts) sum += each.queue.size();
        return sum;
    }
    void note(subscriber_id id, int event) { got[id].push_back(event); }

    void ask(subscriber_id id, std::size_t n, std::size_t buffered) {
        auto& part = parts[where.at(id)];
        auto const before = waiting();
        part.insert({part.extract(id) + n, id});
        auto const served = part.serve(part.queue, [&](subscriber_id to, int event) { note(to, event); });
        part.queue.erase(part.queue.begin(), part.queue.begin() + static_cast<std::ptrdiff_t>(served));
        pass(part, served);
        auto const asked_for = waiting() - before;
        auto const kept = buffered - std::min(buffered, before);
        pending -= std::min(pending, asked_for - std::min(asked_for, kept));
    }

    void pass(plain_partition& part, std::size_t n) {
        for (auto& [info, position] : part.marks) position -= std::min(position, n);
        std::erase_if(part.marks, [](auto const& mark) { return mark.second == 0; });
    }

    /// Answers how many events are taken.
    auto dispatch(std::vector<int> const& events, auto hash) -> std::size_t {
        auto budget = waiting();
        auto taken = std::vector<std::vector<int>>(parts.size());
        auto count = std::size_t{0};
        for (; count < events.size() && budget > 0; ++count) {
            auto const at = hash(events[count]);
            if (at == unwanted) continue;
            auto const spare = options.queue_limit - parts[at].queue.size();
            auto const demand = parts[at].demand();
            if (taken[at].size() == demand + spare) break;
            if (!options.queue_ahead || taken[at].size() < demand) --budget;
            taken[at].push_back(events[count]);
        }
        for (std::size_t at = 0; at < parts.size(); ++at) {
            auto const served = parts[at].serve(taken[at], [&](subscriber_id to, int event) { note(to, event); });
            parts[at].queue.insert(parts[at].queue.end(), taken[at].begin() + static_cast<std::ptrdiff_t>(served),
                                   taken[at].end());
        }
        return count;
    }

    void cancel(subscriber_id id) {
        auto& part = parts[where.at(id)];
        pending += part.extract(id);
        where.erase(id);
        if (!part.list.empty() || options.on_leave != sluice::on_leave::drop) return;
        dropped.insert(dropped.end(), part.queue.begin(), part.queue.end());
        pass(part, part.queue.size());
        part.queue.clear();
    }

    sluice::partition_options options;
    std::vector<plain_partition> parts;
    std::map<subscriber_id, std::size_t> where;
    std::map<subscriber_id, std::vector<int>> got;
    std::vector<int> dropped;
    std::size_t pending = 0;
};

/// A producer that does what the dispatcher says, beside the model.
class run {
public:
    run(unsigned seed, sluice::partition_options const& options)
        : random_(seed), model_(options), dispatcher_(options, [this](int event) -> std::optional<std::size_t> {
              auto const at = place(event);
              return at == unwanted ? std::nullopt : std::optional(at);
          }) {}
    run(run const&) = delete;
    auto operator=(run const&) -> run& = delete;
    ~run() = default;

    void step() {
        auto const id = static_cast<subscriber_id>(random_() % 7);
        auto const known = dispatcher_.contains(id);
        switch (random_() % 8) {
            case 0:
                if (!known) {
                    auto const at = random_() % model_.parts.size();
                    dispatcher_.subscribe(id, {.partition = at});
                    model_.where[id] = at;
                    model_.parts[at].insert({0, id});
                }
                break;
            case 1:
                if (known && random_() % 2 == 0) {
                    model_.cancel(id);
                    wanted_ += dispatcher_.cancel(id, kept_.size());
                    dispatcher_.take_dropped([this](int&& event) { dropped_.push_back(event); });
                    settle();
                }
                break;
            case 2:
            case 3:
            case 4:
                if (known) ask(id, 1 + random_() % 9);
                break;
            case 5: hold_info(); break;
            default: emit(random_() % 4 == 0 ? random_() % 12 : random_() % (std::min<std::size_t>(wanted_, 12) + 1));
        }
        check();
    }

private:
    auto place(int event) const -> std::size_t {
        auto const mixed = static_cast<std::uint32_t>(event) * 2654435761u >> 16;
        auto const at = mixed % (model_.parts.size() + 1);
        return at == model_.parts.size() ? unwanted : at;
    }
    auto deliver() {
        return [this](subscriber_id to, std::span<int> part) {
            for (int& event : part) got_[to].push_back(std::exchange(event, -1));
        };
    }
    void ask(subscriber_id id, std::size_t n) {
        model_.ask(id, n, kept_.size());
        wanted_ += dispatcher_.ask(id, n, kept_.size());
        settle();
    }
    void emit(std::size_t n) {
        wanted_ -= std::min(wanted_, n);
        while (n-- > 0) kept_.push_back(next_++);
        settle();
    }
    /// Hands out what the producer holds, as far as it goes.
    void settle() {
        dispatcher_.flush(deliver());
        while (dispatcher_.total_demand() > 0 && !kept_.empty()) {
            auto told = std::vector(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                       kept_.size(), dispatcher_.total_demand())));
            auto const before = told;
            auto const left = dispatcher_.dispatch(std::span(told), deliver());
            auto const taken = told.size() - left.size();
            BOOST_REQUIRE(left.data() + left.size() == told.data() + told.size());
            BOOST_REQUIRE(model_.dispatch(before, [this](int event) { return place(event); }) == taken);
            kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(taken));
            wanted_ += dispatcher_.take_returned(kept_.size());
            BOOST_REQUIRE((left.empty() || dispatcher_.total_demand() == 0));
        }
        while (auto const info = dispatcher_.take_due_info()) due_.push_back(static_cast<int>(*info));
    }
    void hold_info() {
        auto const number = ++infos_;
        for (auto& each : model_.parts) {
            if (!each.queue.empty()) each.marks.emplace_back(number, each.queue.size());
        }
        if (!dispatcher_.hold_info(static_cast<std::uint64_t>(number))) due_.push_back(number);
        settle();
    }

    void check() {
        BOOST_REQUIRE((got_ == model_.got));
        BOOST_REQUIRE((dropped_ == model_.dropped));
        BOOST_REQUIRE(dispatcher_.waiting() == model_.waiting());
        BOOST_REQUIRE(dispatcher_.pending() == model_.pending);
        BOOST_REQUIRE(dispatcher_.queued() == model_.queued());
        // The producer has been asked for exactly what is wanted beyond what it holds.
        BOOST_REQUIRE(wanted_ == model_.waiting() - std::min(model_.waiting(), kept_.size()));
        // Each due info is due, each other one is not, and none overtakes another.
        auto first_held = infos_ + 1;
        for (std::size_t at = 0; at < model_.parts.size(); ++at) {
            auto const& part = model_.parts[at];
            for (auto const& [info, position] : part.marks) first_held = std::min(first_held, info);
            auto const stats = dispatcher_.stats(at);
            BOOST_REQUIRE(stats.demand == part.demand());
            BOOST_REQUIRE(stats.queued == part.queue.size());
            BOOST_REQUIRE(stats.subscribers == part.list.size());
            BOOST_REQUIRE(stats.queued <= model_.options.queue_limit);
            BOOST_REQUIRE((stats.queued == 0 || stats.demand == 0));
        }
        BOOST_REQUIRE(static_cast<int>(due_.size()) == first_held - 1);
        BOOST_REQUIRE(std::ranges::is_sorted(due_));
    }

    std::mt19937 random_;
    plain_model model_;
    sluice::partition_dispatcher<int> dispatcher_;
    std::map<subscriber_id, std::vector<int>> got_;
    std::vector<int> dropped_;
    std::vector<int> due_;
    std::deque<int> kept_;
    std::size_t wanted_ = 0;
    int next_ = 0;
    int infos_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_partition_dispatcher_beside_a_model)

BOOST_AUTO_TEST_CASE(does_what_the_plain_lists_do_and_asks_for_exactly_what_is_wanted) {
    for (unsigned seed = 0; seed < 600; ++seed) {
        auto random = std::mt19937(seed);
        auto options = sluice::partition_options();
        options.partitions = 1 + random() % 4;
        options.queue_limit = random() % 2 == 0 ? random() % 6 : 1000;
        options.on_leave = random() % 2 == 0 ? sluice::on_leave::keep : sluice::on_leave::drop;
        options.queue_ahead = random() % 2 == 0;
        auto one = run(seed, options);
        BOOST_TEST_CONTEXT("seed " << seed) {
            for (int step = 0; step < 150; ++step) one.step();
        }
    }
}

BOOST_AUTO_TEST_CASE(serves_ten_thousand_partitions) {
    constexpr std::size_t n = 10'000;
    auto dispatcher = sluice::partition_dispatcher<int>(n, [](int event) { return event % 10'000; });
    for (subscriber_id id = 0; id < n; ++id) {
        dispatcher.subscribe(id, {.partition = std::size_t{id}});
        dispatcher.ask(id, 3);
    }
    auto events = std::vector<int>(3 * n);
    for (std::size_t i = 0; i < events.size(); ++i) events[i] = static_cast<int>(i);
    auto parts = std::size_t{0};
    auto const left = dispatcher.dispatch(std::span(events), [&](subscriber_id id, std::span<int> part) {
        BOOST_REQUIRE(part.size() == 3u);
        for (int const event : part) BOOST_REQUIRE(static_cast<subscriber_id>(event % 10'000) == id);
        ++parts;
    });
    BOOST_TEST(left.empty());
    BOOST_TEST(parts == n);
    BOOST_TEST(dispatcher.waiting() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
