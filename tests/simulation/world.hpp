#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/subscription.hpp>
#include <sluice/testing/counted.hpp>
#include <sluice/testing/demand_model.hpp>
#include <sluice/testing/footprint.hpp>
#include <sluice/testing/one_at_a_time.hpp>
#include <sluice/testing/recorder.hpp>
#include <sluice/testing/spawn.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "plan.hpp"

namespace graphs {

namespace asio = boost::asio;
using namespace sluice::testing;

/// Each event knows which stage emitted it, and as which of its events.
/// Moves and copies of it throw where the plan says so.
using event = throwing_counted<recorder::event_name>;
using events = sluice::batch<event>;

/// What stages throw where their plan says so.
class planned_failure : public std::runtime_error {
public:
    explicit planned_failure(std::size_t number)
        : std::runtime_error("planned failure " + std::to_string(number)), number_{number} {}
    auto number() const noexcept -> std::size_t { return number_; }

private:
    std::size_t number_;
};

/// What a consumer must have asked for on one subscription, by the numbers of the protocol: `max` at first, and what
/// is missing to `max` whenever no more than `min` are outstanding. With adaptive demand the most that it may have
/// asked for: all that is missing to `max`, each time.
struct window {
    sluice::subscribe_options options = {};
    std::size_t asked = 0;
    std::size_t outstanding = 0;
    std::size_t received = 0;
    std::size_t unacknowledged = 0;

    void open();
    void ask(std::size_t n);
    void receive(std::size_t n);
    void acknowledge();
};

/// A subscription as a handler object is told of it.
struct known_subscription {
    sluice::subscription handle;
    bool ended = false;
    window manual = {};
};

class world;

/// What a test notes of one stage, intake or stream.
struct actor {
    world* in = nullptr;
    std::size_t id = 0;
    actor_plan plan = {};
    sluice::detail::stage_core* core = nullptr;  // while its handle exists
    sluice::detail::inlet_core<event>* input = nullptr;

    std::size_t steps = 0;
    bool in_turn = false;
    bool in_handler = false;

    // As an emitter.
    std::size_t made = 0;
    std::size_t told = 0;  // by handle_demand
    std::size_t debt = 0;
    std::size_t signalled = 0;  // by the dispatcher
    demand_model demand = {};
    std::vector<known_subscription> consumers = {};

    // As a receiver.
    std::map<std::size_t, window> windows = {};  // by producer; unused where asked by hand
    std::vector<known_subscription> producers = {};
    window* last = nullptr;
    std::size_t timeouts = 0;
    std::size_t held = 0;  // events received and not acknowledged

    auto left() const noexcept -> std::size_t { return plan.events - made; }
    /// A stream from which two coroutines draw.
    auto is_shared() const noexcept -> bool { return plan.is == role::stream && plan.manner % 2 == 1; }
    auto asked(std::size_t producer) const -> std::size_t;
    auto may_have_under_way() const -> std::size_t;
};

/// Everything that a run's bodies and the test share. Bodies keep it alive.
class world {
public:
    world(simulation& where, graph_plan what);

    simulation& home;
    chooser& decider;
    graph_plan const plan;
    recorder book;
    std::vector<std::unique_ptr<actor>> actors;

    /// What has happened that excuses an end which is not the normal one.
    std::vector<std::size_t> thrown;
    bool failed = false;     // a body has thrown
    bool stopped = false;    // a stage or the run, from outside
    bool disturbed = false;  // events may be discarded
    bool late = false;       // subscriptions made while producers may have ended

    std::vector<std::pair<std::size_t, sluice::subscription>> subscriptions;  // by consumer
    std::shared_ptr<int> frames = std::make_shared<int>(0);

    /// Events may be lost where their own moves throw, in the bodies too; everything else must hold.
    auto may_lose() const -> bool { return plan.move_that_throws + plan.copy_that_throws > 0; }
    /// The most that all consumers together can have asked of a producer.
    auto asked_of(std::size_t producer) const -> std::size_t;
    /// Whether a producer's answers may exceed its demand, or vanish: then the demand model is not exact.
    auto disturbed_demand(std::size_t producer) const -> bool {
        return plan.actors[producer].buffer_size < 10'000 || may_lose();
    }
    auto fail() -> std::exception_ptr;
};

/// What a body is made of: keeps the world alive and is counted.
struct self {
    std::shared_ptr<world> in;
    actor* me;
    std::shared_ptr<int> alive;

    self(std::shared_ptr<world> w, actor& a) : in{std::move(w)}, me{&a}, alive{in->frames} {}
    auto operator->() const noexcept -> actor* { return me; }
};

/// In each piece of a body or hook that runs in one go: it is on its stage's strand, alone.
class turn {
public:
    explicit turn(actor& a);

private:
    one_at_a_time alone_;
};

/// A place in a body where the plan may say that it stops or throws.
void step(actor& a);
auto returns_now(actor const& a) -> bool;
/// Lets time pass, or others run, or nothing.
auto pause(self me) -> asio::awaitable<void>;

// Emitting.
auto choose_size(actor& a, std::size_t wanted) -> std::size_t;
void make(actor& a, events& to, std::size_t n);
auto make_one(actor& a) -> event;
void check_wanted(actor const& a, std::size_t wanted);
void subscribed(std::vector<known_subscription>& all, sluice::subscription const& s);
void ended(std::vector<known_subscription>& all, sluice::subscription const& s);

// Receiving.
void receive(actor& a, events const& batch, std::size_t reader = 0);
void receive(actor& a, events const& batch, sluice::subscription const& from);
/// No more is under way, received and queued, than the subscriptions allow. Also while a batch is being worked on.
void check_under_way(actor const& a);
void acknowledge(actor& a);
void discard(world& w, events const& batch);

}  // namespace graphs
