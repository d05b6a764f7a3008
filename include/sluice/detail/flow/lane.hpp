#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/flow/ends.hpp>
#include <sluice/detail/flow/faults.hpp>
#include <sluice/detail/flow/feeds.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/stages/subscribing.hpp>
#include <utility>

namespace sluice::detail {

/// The way into a layer's stage, as the stage's body sees it.
class way_in {
public:
    virtual void acknowledge() = 0;
    virtual auto poll() -> inlet_state = 0;
    /// Gives the next batch to the feed.
    virtual void take() = 0;
    virtual auto doom() const -> std::exception_ptr = 0;
    virtual auto receive_wait() noexcept -> wait_slot& = 0;

    /// Its upstreams are numbered from 0; which of them the batch taken last came from.
    virtual auto upstream() const noexcept -> std::size_t = 0;
    virtual auto upstreams() const noexcept -> std::size_t = 0;
    /// Is this one still there? How many are?
    virtual auto is_live(std::size_t upstream) const noexcept -> bool = 0;
    virtual auto live() const noexcept -> std::size_t = 0;
    virtual auto has_events() const noexcept -> bool = 0;

    /// When to wake receive_wait() though nothing has come.
    virtual auto deadline() noexcept -> wait_deadline& = 0;
    /// receive_wait() is woken by the end of an upstream too, though others go on.
    virtual void wake_at_ends() noexcept = 0;

protected:
    ~way_in() = default;
};

/// The fused steps of a layer, and where their events come from.
class lane_work {
public:
    virtual ~lane_work() = default;
    /// Works until it must pause; `finishing`: nothing more comes in.
    virtual auto pump(pace& p, bool& finishing) -> pumped = 0;
    /// Of a feed that makes events and counts them.
    virtual auto meter() const -> std::shared_ptr<source_meter const> = 0;
    /// When to pump again though nothing has come; for steps that go by the clock.
    /// Called when the stage is about to wait for input.
    virtual auto deadline() -> std::optional<environment::clock::time_point> = 0;
};

/// Which of the layer's stages it is.
struct lane_place {
    std::size_t index = 0;
    std::size_t count = 1;
};

/// One of the stages as which a layer runs. What need not know the layer's types.
class SLUICE_API lane_core : public stage_core {
public:
    explicit lane_core(asio::any_io_executor const& executor)
        : stage_core(executor), faults_(*this), rest_wait_(*this, &body_slot()) {}

    auto faults() noexcept -> step_faults& { return faults_; }

    void set_work(std::unique_ptr<lane_work> work) noexcept { work_ = std::move(work); }
    auto meter() const -> std::shared_ptr<source_meter const> override { return work_ ? work_->meter() : nullptr; }
    void set_place(lane_place place) noexcept { place_ = place; }

    // For the steps.

    auto place() const noexcept -> lane_place const& { return place_; }
    auto now() const -> environment::clock::time_point { return world().now(); }
    /// Null: the steps' events come from a source in this stage.
    auto input() const noexcept -> way_in* { return in_; }
    /// From which upstream a batch has come since this was asked last.
    auto take_news() noexcept -> bool { return std::exchange(has_news_, false); }
    /// Something has come that has not been worked off, or waits.
    auto has_events() const noexcept -> bool { return has_news_ || (in_ && in_->has_events()); }

    /// One that makes events itself makes no more; what it has is still delivered.
    void wind_down() noexcept override;

protected:
    /// The stage's body.
    virtual auto run() -> asio::awaitable<void>;
    void drop_body() noexcept override {
        work_ = nullptr;
        faults_.log_skipped();
    }
    void hold(bool holds) noexcept override;
    void stopping() noexcept override { rest_wait_.wake(); }
    void abandoned() noexcept override;

    void check_running() const {
        if (is_stopping()) throw_aborted();
    }

    way_in* in_ = nullptr;     // null: the feed makes the events
    ways_out* out_ = nullptr;  // null: the steps are for their effects

private:
    void take() {
        in_->take();
        has_news_ = true;
    }
    void launch() final;
    auto run_body() -> asio::awaitable<void>;

    /// Lets others run, then goes on.
    auto rest() {
        yield_turn();
        return wait_in(rest_wait_, true);
    }

    step_faults faults_;
    std::unique_ptr<lane_work> work_;
    lane_place place_;
    bool has_news_ = false;
    std::optional<environment::clock::time_point> alarm_at_;  // perhaps earlier than needed: then nothing is due
    wait_slot rest_wait_;
    bool held_ = false;
};

// A chain of nodes, walked: most have the next one as `next`, and those that tell their place have the step's own node
// as `placed`. One that looks at what those behind it throw settles them itself.
template <class Node>
concept has_next_node = requires(Node& node) {
    node.next;
};
template <class Node>
constexpr void check_walk() {
    static_assert(has_next_node<Node> || is_placed_node<Node> || std::derived_from<Node, flow_end>,
                  "a node must show the next one");
}

/// Nothing more comes for a while: a step that gathers goes on with what it has. False when it must pause.
template <class Node>
auto settle(Node& node, pace& p) -> bool {
    if constexpr (requires { node.settle_chain(p); }) {
        return node.settle_chain(p);
    } else {
        if constexpr (requires { node.settle(p); }) {
            if (!node.settle(p)) return false;
        }
        if constexpr (has_next_node<Node>) {
            return settle(node.next, p);
        } else {
            return true;
        }
    }
}

/// The stage in which they run is known now.
template <class Node>
void open(Node& node, lane_core& lane) {
    check_walk<Node>();
    if constexpr (requires { node.open(lane); }) node.open(lane);
    if constexpr (has_next_node<Node>) open(node.next, lane);
    if constexpr (is_placed_node<Node>) open(node.placed, lane);
}

template <class Node>
auto deadline_of(Node& node) -> std::optional<environment::clock::time_point> {
    if constexpr (is_placed_node<Node>) {
        return deadline_of(node.placed);
    } else {
        std::optional<environment::clock::time_point> first;
        if constexpr (requires { node.deadline(); }) first = node.deadline();
        if constexpr (has_next_node<Node>) {
            auto const then = deadline_of(node.next);
            if (then && (!first || *then < *first)) first = then;
        }
        return first;
    }
}

template <class Feed, class Node>
class fused_work final : public lane_work {
public:
    fused_work(Feed f, Node&& n, step_faults& faults) : feed(std::move(f)), node_(std::move(n)), faults_(&faults) {}

    auto pump(pace& p, bool& finishing) -> pumped override {
        try {
            return try_pump(p, finishing);
        } catch (...) {
            faults_->rethrow(std::current_exception(), finishing ? std::nullopt : pushed());
        }
    }
    auto deadline() -> std::optional<environment::clock::time_point> override { return deadline_of(node_); }
    auto meter() const -> std::shared_ptr<source_meter const> override {
        if constexpr (requires { feed.meter; }) {
            return feed.meter;
        } else {
            return nullptr;
        }
    }
    void open_nodes(lane_core& lane) { open(node_, lane); }

    Feed feed;

private:
    auto try_pump(pace& p, bool& finishing) -> pumped {
        if (!node_.resume(p)) return pumped::paused;
        if (!finishing && !node_.is_done()) {
            auto const came_to = feed.pump(node_, p);
            if constexpr (requires { feed.take_skipped(); }) {
                if (auto const lines = feed.take_skipped()) faults_->skipped_lines(lines);
            }
            if (came_to == pumped::dry && !settle(node_, p)) return pumped::paused;
            if (came_to != pumped::ended) return node_.is_done() ? pumped::paused : came_to;
        }
        finishing = true;
        return node_.finish(p) ? pumped::ended : pumped::paused;
    }
    auto pushed() const -> std::optional<std::uint64_t> {
        if constexpr (requires { feed.pushed(); }) {
            return feed.pushed();
        } else {
            return std::nullopt;
        }
    }

    Node node_;
    step_faults* faults_;
};

/// The way into a lane, for those that have one.
template <class Feed>
struct lane_inlet {
    static constexpr bool exists = false;
    explicit lane_inlet(stage_core&) {}
};
template <class T>
struct lane_inlet<inlet_feed<T>> final : way_in {
    static constexpr bool exists = true;

    explicit lane_inlet(stage_core& owner) : core(owner, inlet_options()) {}

    void acknowledge() override { core.acknowledge(); }
    auto poll() -> inlet_state override { return core.poll(); }
    void take() override { feed->give(core.take()); }
    auto doom() const -> std::exception_ptr override { return core.doom(); }
    auto receive_wait() noexcept -> wait_slot& override { return core.receive_wait(); }
    auto upstream() const noexcept -> std::size_t override { return core.current_slot(); }
    auto upstreams() const noexcept -> std::size_t override { return core.slots(); }
    auto is_live(std::size_t upstream) const noexcept -> bool override { return core.is_live(upstream); }
    auto live() const noexcept -> std::size_t override { return core.live(); }
    auto has_events() const noexcept -> bool override { return core.has_events(); }
    auto deadline() noexcept -> wait_deadline& override { return core.deadline(); }
    void wake_at_ends() noexcept override { core.wake_at_ends(); }

    inlet_core<T> core;
    inlet_feed<T>* feed = nullptr;
};

/// The ways out of a lane, for those that have some.
struct no_outlets {
    static constexpr bool exist = false;
    explicit no_outlets(stage_core&) {}
};

/// A layer's stage, with its ends: `Inlet` is a lane_inlet, `Outlets` are flow_outlets or no_outlets. Its steps are its
/// work.
template <class Inlet, class Outlets>
class lane final : public lane_core {
public:
    template <class... Counts>
    explicit lane(asio::any_io_executor const& executor, Counts... counts)
        : lane_core(executor), inlet_(*this), outlets_(*this, counts...) {
        if constexpr (Inlet::exists) {
            add_end(inlet_.core);
            in_ = &inlet_;
        }
        if constexpr (Outlets::exist) {
            for (std::size_t i = 0; i < outlets_.size(); ++i) {
                add_end(outlets_[i].core());
                if constexpr (Inlet::exists) outlets_[i].core().wake_when_left(inlet_.core.receive_wait());
            }
            out_ = &outlets_;
        }
    }

    auto inlet() noexcept -> Inlet& { return inlet_; }
    auto outlets() noexcept -> Outlets& { return outlets_; }

private:
    [[no_unique_address]] Inlet inlet_;
    [[no_unique_address]] Outlets outlets_;
};

}  // namespace sluice::detail
