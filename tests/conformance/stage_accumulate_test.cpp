// D.1 18 … 22: demand that waits until it is let through.
#include "helpers.hpp"

using namespace conformance;
using sluice::demand_flow;

namespace {

constexpr sluice::subscribe_options four{.max_demand = 4, .min_demand = 0};
constexpr sluice::outlet_options accumulating{.demand = demand_flow::accumulate};

/// Numbers and a consumer of them that asks for four.
struct pair_of_stages {
    batches got;
    sluice::producer<int> numbers;
    sluice::consumer<int> all;
    outcome told;

    pair_of_stages(simulation& home, sluice::outlet_options const& options)
        : numbers(home, options, counter{.enough = 40}),
          all(home, {}, sluice::inlet_options{.stay_open = true}, forwarder{&got}) {
        start(told, numbers, all);
    }
    void subscribe() { all.async_subscribe(numbers, four, asio::detached); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_accumulate)

BOOST_AUTO_TEST_CASE(d1_018_can_be_set_to_accumulate_on_init) {
    in_many_orders([](simulation& home) {
        pair_of_stages world{home, accumulating};
        world.subscribe();
        home.run();
        invariant(world.got.empty(), "nothing yet");
        world.numbers.set_demand(demand_flow::forward);
        home.run();
        expect_batches(world.got, {{0, 4}, {4, 8}});
        stop_all(home, world.numbers, world.all);
    });
}

BOOST_AUTO_TEST_CASE(d1_020_can_be_set_to_accumulate_by_the_handle) {
    in_many_orders([](simulation& home) {
        pair_of_stages world{home, {}};
        home.run();
        world.numbers.set_demand(demand_flow::accumulate);
        home.run();
        world.subscribe();
        home.run();
        invariant(world.got.empty(), "nothing yet");
        world.numbers.set_demand(demand_flow::forward);
        home.run();
        expect_batches(world.got, {{0, 4}});
        stop_all(home, world.numbers, world.all);
    });
}

BOOST_AUTO_TEST_CASE(d1_021_can_be_set_to_forward_before_subscriptions) {
    in_many_orders([](simulation& home) {
        pair_of_stages world{home, accumulating};
        world.numbers.set_demand(demand_flow::forward);
        home.run();
        world.subscribe();
        home.run();
        expect_batches(world.got, {{0, 4}});
        stop_all(home, world.numbers, world.all);
    });
}

BOOST_AUTO_TEST_CASE(d1_022_is_not_reset_when_set_to_accumulate_and_already_accumulating) {
    in_many_orders([](simulation& home) {
        pair_of_stages world{home, accumulating};
        world.subscribe();
        home.run();
        world.numbers.set_demand(demand_flow::accumulate);
        home.run();
        invariant(world.got.empty(), "nothing yet");
        world.numbers.set_demand(demand_flow::forward);
        home.run();
        expect_batches(world.got, {{0, 4}});
        stop_all(home, world.numbers, world.all);
    });
}

// A.2: while asks wait, events wait too, and then come in order before what is asked for anew.
BOOST_AUTO_TEST_CASE(events_emitted_while_demand_accumulates_come_first_when_it_is_forwarded) {
    in_many_orders([](simulation& home) {
        pair_of_stages world{home, accumulating};
        world.subscribe();
        home.run();
        queue(world.numbers, {-3, -2, -1});
        home.run();
        invariant(world.got.empty(), "events wait too");
        world.numbers.set_demand(demand_flow::forward);
        home.run();
        expect_equal(joined(world.got), iota(-3, 40 + 1), "in order");
        stop_all(home, world.numbers, world.all);
    });
}

BOOST_AUTO_TEST_SUITE_END()
