#pragma once

#include <cstddef>
#include <optional>
#include <sluice/options.hpp>
#include <sluice/testing/chooser.hpp>
#include <vector>

namespace graphs {

/// What may happen in a random graph. The defaults: nothing that could cost an event.
struct profile {
    std::size_t producers = 4;  ///< at most, at least 1
    std::size_t middles = 3;    ///< at most
    std::size_t consumers = 4;  ///< at most, at least 1
    std::size_t events = 10;    ///< of each producer, at most
    std::size_t max_demand = 6;

    bool externals = true;  ///< intakes and streams among them
    bool manual = true;     ///< some consumers ask by hand
    bool strands = true;    ///< some stages run on strands of Asio's
    bool hesitant = true;   ///< bodies wait and post now and then
    bool apart = true;      ///< each stage in a run of its own, sometimes
    bool adaptive = false;  ///< subscriptions with adaptive demand among them

    std::size_t throws = 0;         ///< bodies and handlers that throw, at most
    std::size_t stops = 0;          ///< stages stopped from inside or outside, at most
    std::size_t cancels = 0;        ///< subscriptions given up, at most
    std::size_t subscriptions = 0;  ///< made at run time, at most
    bool moves_throw = false;       ///< a move or a copy of an event throws
    bool stop_run = false;          ///< the run is stopped as a whole, sometimes
    bool early_ends = false;        ///< consumers that return early, and any cancel mode
    bool debts = false;             ///< handlers that answer with less than they were asked for
    bool overflow = false;          ///< handlers that answer with more than the buffer holds
    bool stay_open = false;         ///< ends that wait for later peers
};

enum class role { producer, intake, middle, consumer, stream };

struct subscription_plan {
    std::size_t from = 0;
    sluice::subscribe_options options = {};
};

struct actor_plan {
    role is = role::producer;
    bool handler = false;    ///< a handler object, else a coroutine body
    std::size_t manner = 0;  ///< which one of its kind
    bool manual = false;
    bool stay_open = false;
    bool debts = false;
    bool on_asio_strand = false;  ///< its executor is a strand of Asio's
    std::size_t events = 0;       ///< that a producer emits
    std::size_t buffer_size = 10'000;
    std::optional<std::size_t> throw_at;  ///< its n-th step
    std::optional<std::size_t> stop_at;
    std::optional<std::size_t> return_at;
    std::vector<subscription_plan> sources = {};
};

/// What a whole graph is made of; what happens in it besides is chosen while it runs.
struct graph_plan {
    std::vector<actor_plan> actors = {};  ///< each is subscribed to earlier ones only
    bool together = true;                 ///< one run for all
    bool hesitant = true;
    bool varied = true;                ///< sizes of batches are chosen, else as wanted
    std::size_t move_that_throws = 0;  ///< 0: none
    std::size_t copy_that_throws = 0;
    bool exact = true;  ///< nothing in the plan can cost an event
    std::size_t cancels = 0;
    std::size_t stops = 0;
    std::size_t subscriptions = 0;
    bool stop_run = false;
    std::size_t max_demand = 6;
    bool adaptive = false;
};

auto is_emitter(role r) -> bool;
auto is_receiver(role r) -> bool;

/// Draws a graph.
auto draw(sluice::testing::chooser& decider, profile const& may) -> graph_plan;
auto draw_options(sluice::testing::chooser& decider, std::size_t max_demand, bool adaptive)
    -> sluice::subscribe_options;

/// The smallest graphs, in which nothing is chosen but the order of handlers.
auto tiny(std::size_t producers, std::size_t consumers, std::size_t events, bool handlers) -> graph_plan;
/// A producer, a producer_consumer, a consumer.
auto tiny_chain(std::size_t events, bool handlers) -> graph_plan;

}  // namespace graphs
