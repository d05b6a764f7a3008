// Many to one: two producers throw different dice, one consumer adds each pair of throws. Left to itself a consumer
// takes what comes first; this one asks by hand, for one throw of each die at a time, and so keeps the two in step.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <sluice/sluice.hpp>
#include <utility>

constexpr int wanted_rounds = 1000;

// Throws a die for ever; it ends when its last consumer has left.
struct die {
    int sides;
    int& thrown;
    std::mt19937 random{static_cast<unsigned>(sides)};

    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        sluice::batch<int> throws;
        for (; wanted > 0; --wanted, ++thrown) throws.push_back(1 + static_cast<int>(random() % unsigned(sides)));
        return throws;
    }
};

struct totals {
    int rounds = 0;
    int least = 1000;
    int most = 0;
    long sum = 0;

    void add(int pair) {
        if (++rounds <= 5) std::cout << "round " << rounds << ": " << pair << '\n';
        least = std::min(least, pair);
        most = std::max(most, pair);
        sum += pair;
    }
};

// [readme:dice]
struct sum_pairs {
    struct player {
        sluice::subscription die;
        std::optional<int> thrown;
    };
    totals& result;
    std::array<player, 2> players{};

    void handle_subscribe(sluice::subscription const& die) {
        (players[0].die.valid() ? players[1] : players[0]).die = die;
        die.ask(1);
    }
    void handle_events(sluice::batch<int> throws, sluice::subscription const& from) {
        auto& [first, second] = players;
        (first.die == from ? first : second).thrown = throws.front();
        if (!first.thrown || !second.thrown) return;  // the other die is still rolling

        result.add(*std::exchange(first.thrown, {}) + *std::exchange(second.thrown, {}));
        for (auto const& each : players) result.rounds < wanted_rounds ? void(each.die.ask(1)) : each.die.cancel();
    }
};
// [readme:end]

int main() {
    int small_thrown = 0;
    int large_thrown = 0;
    totals result;
    constexpr sluice::subscribe_options by_hand{.demand_mode = sluice::demand_mode::manual};

    sluice::thread_pool pool;
    sluice::producer small{pool, die{6, small_thrown}};
    sluice::producer large{pool, die{20, large_thrown}};
    sluice::consumer<int> pairs{pool, {sluice::from(small, by_hand), sluice::from(large, by_hand)}, sum_pairs{result}};
    sluice::run(small, large, pairs);

    std::cout << "after " << result.rounds << " rounds: " << small_thrown << " throws of the small die, "
              << large_thrown << " of the large one, sums from " << result.least << " to " << result.most << ", "
              << result.sum / result.rounds << " on average\n";
    const bool in_step =
        result.rounds == wanted_rounds && small_thrown == wanted_rounds && large_thrown == wanted_rounds;
    const bool plausible =
        result.least >= 2 && result.most <= 26 && result.sum > 13L * wanted_rounds && result.sum < 15L * wanted_rounds;
    return in_step && plausible ? EXIT_SUCCESS : EXIT_FAILURE;
}
