// A dispatcher of one's own: subscribers have ranks, and those of a lower rank get only what nobody above them has
// asked for. A dispatcher is a plain value that is told what happens and answers how much to ask for; so it can be
// tried out without a stage.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <ranges>
#include <sluice/sluice.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;

// [readme:own_dispatcher]
template <class T>
class ranked_dispatcher {
public:
    auto subscribe(sluice::subscriber_id id, sluice::subscriber<T> const& who) -> std::size_t {
        auto const below = [&](place const& each) { return each.rank < who.priority; };
        places_.insert(std::ranges::find_if(places_, below), {id, who.priority, 0});
        return 0;  // nothing to ask of the producer yet
    }
    auto cancel(sluice::subscriber_id id) -> std::size_t {
        auto const found = std::ranges::find(places_, id, &place::id);
        if (found == places_.end()) return 0;
        owed_ += found->demand;  // the producer was asked for these already: they meet the next asks
        places_.erase(found);
        return 0;
    }
    auto ask(sluice::subscriber_id id, std::size_t n, std::size_t buffered) -> std::size_t {
        auto const found = std::ranges::find(places_, id, &place::id);
        if (found == places_.end()) return 0;
        found->demand += n;
        n -= std::min(n, buffered);  // what the producer holds comes first
        auto const met = std::min(n, owed_);
        owed_ -= met;
        return n - met;
    }
    template <class Deliver>
    auto dispatch(std::span<T> events, Deliver&& deliver) -> std::span<T> {
        for (auto& each : places_) {
            auto const count = std::min(each.demand, events.size());
            if (count == 0) continue;
            each.demand -= count;
            deliver(each.id, events.first(count));
            events = events.subspan(count);
        }
        owed_ -= std::min(owed_, events.size());
        return events;  // nobody has asked for these
    }
    auto total_demand() const -> std::size_t {
        std::size_t sum = 0;
        for (auto const& each : places_) sum += each.demand;
        return sum;
    }

private:
    struct place {
        sluice::subscriber_id id;
        int rank;
        std::size_t demand;
    };
    std::vector<place> places_;  // highest rank first
    std::size_t owed_ = 0;
};
static_assert(sluice::dispatcher_for<ranked_dispatcher<int>, int>);
// [readme:end]

// Without a stage: two subscribers, six events.
auto tried_out() -> std::string {
    std::string story;
    ranked_dispatcher<int> dispatcher;
    dispatcher.subscribe(0, {.priority = 1});
    dispatcher.subscribe(1, {.priority = 9});
    auto asked = dispatcher.ask(0, 4, 0);
    asked += dispatcher.ask(1, 3, 0);
    std::vector<int> events{1, 2, 3, 4, 5, 6, 7, 8};
    auto const left = dispatcher.dispatch(std::span(events), [&](sluice::subscriber_id id, std::span<int> part) {
        story += std::to_string(part.size()) + " to " + std::to_string(id) + ", ";
    });
    return story + std::to_string(left.size()) + " to nobody; asked for " + std::to_string(asked);
}

auto worker(sluice::inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
}

int main() {
    auto const story = tried_out();
    std::cout << story << '\n';

    std::vector<int> regular, spare;
    sluice::thread_pool pool;
    auto numbers = sluice::from_range(pool, std::views::iota(0, 10'000), {}, ranked_dispatcher<int>());
    sluice::consumer<int> second{pool, sluice::from(numbers, {.max_demand = 20, .priority = 0}), worker,
                                 std::ref(spare)};
    sluice::consumer<int> first{pool, sluice::from(numbers, {.max_demand = 20, .priority = 5}), worker,
                                std::ref(regular)};
    sluice::run(numbers, second, first);
    std::cout << "the first one has done " << regular.size() << ", its stand-in " << spare.size() << '\n';

    auto all = regular;
    all.insert(all.end(), spare.begin(), spare.end());
    std::ranges::sort(all);
    bool const right = story == "3 to 1, 4 to 0, 1 to nobody; asked for 7" && all.size() == 10'000 &&
                       std::ranges::equal(all, std::views::iota(0, 10'000));
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
