#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <sluice/consumer.hpp>
#include <sluice/from.hpp>
#include <sluice/intake.hpp>
#include <sluice/producer.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/run.hpp>
#include <sluice/stream.hpp>
#include <vector>

#include "bodies.hpp"

namespace graphs {

/// The stages of a plan, built and run on a simulation, and what must hold when they have come to their end.
class graph {
public:
    graph(simulation& home, graph_plan plan);
    graph(graph const&) = delete;
    auto operator=(graph const&) -> graph& = delete;
    ~graph();

    /// Starts, runs until nothing is left to do, and checks.
    void run();
    /// Ends everything from outside, as a user would.
    void stop_all();

    auto state() noexcept -> world& { return *world_; }

private:
    struct peer {
        std::optional<sluice::producer<event>> producer;
        std::optional<sluice::producer_consumer<event, event>> middle;
        std::optional<sluice::consumer<event>> consumer;
        std::unique_ptr<sluice::intake<event>> intake;
        std::unique_ptr<sluice::stream<event>> stream;

        auto core() const -> sluice::detail::stage_ptr;
    };
    /// What one async_run has come to.
    struct running {
        asio::cancellation_signal stop;
        std::size_t results = 0;
        std::exception_ptr error;
    };

    auto source_of(subscription_plan const& plan) const -> sluice::source<event>;
    auto sources_of(actor_plan const& plan) const -> sluice::sources<event>;
    auto executor_of(actor const& a) const -> asio::any_io_executor;
    void build(actor& a, peer& p);
    void build_producer(actor& a, peer& p);
    void build_middle(actor& a, peer& p);
    void build_consumer(actor& a, peer& p);
    void watch(actor& a, peer& p);
    void start();
    void start_run(std::vector<sluice::detail::stage_ptr> stages);

    auto disturb() -> asio::awaitable<void>;
    auto subscribe_late() -> asio::awaitable<void>;
    void cancel_one();
    void stop_one();
    void stop_a_run();

    auto may_be_stuck() const -> bool;
    auto all_ended() const -> bool;
    void check_results() const;
    void check_error(std::exception_ptr const& error) const;
    void check_subscriptions() const;
    void check_nothing_left();

    std::shared_ptr<world> world_;
    std::vector<peer> peers_;
    std::vector<std::unique_ptr<running>> runs_;
};

/// The graph that is running now, for what is done between handlers.
auto running_graph() noexcept -> graph*;

/// A scenario for explore().
void run_random_graph(simulation& home, profile const& may);

}  // namespace graphs
