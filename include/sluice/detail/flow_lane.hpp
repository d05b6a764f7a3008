#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <sluice/detail/await.hpp>
#include <sluice/detail/flow_ends.hpp>
#include <sluice/detail/flow_feeds.hpp>
#include <sluice/detail/on_exit.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/subscribing.hpp>
#include <sluice/inlet.hpp>
#include <utility>

namespace sluice::detail {

/// One of the stages as which a layer runs. What need not know the layer's types.
class lane_core : public stage_core {
public:
    explicit lane_core(asio::any_io_executor const& executor) : stage_core(executor), rest_wait_(*this) {}

protected:
    /// The stage's body.
    virtual auto run() -> asio::awaitable<void> = 0;
    void abandoned() noexcept override;

    /// Lets others run, then goes on.
    auto rest() {
        yield_turn();
        return wait_in(rest_wait_, true);
    }
    void check_running() const {
        if (is_stopping()) throw_aborted();
    }

private:
    void launch() final;
    auto run_body() -> asio::awaitable<void>;

    wait_slot rest_wait_;
};

/// The way into a lane, for those that have one.
template <class Feed>
struct lane_inlet {
    static constexpr bool exists = false;
    explicit lane_inlet(stage_core&) {}
};
template <class T>
struct lane_inlet<inlet_feed<T>> {
    static constexpr bool exists = true;
    explicit lane_inlet(stage_core& owner) : core(owner, inlet_options()), end(core) {}
    inlet_core<T> core;
    inlet<T> end;
};

/// The ways out of a lane, for those that have some.
struct no_outlets {
    static constexpr bool exist = false;
};
template <class T>
struct lane_outlets : flow_outlets<T> {
    static constexpr bool exist = true;
    using flow_outlets<T>::flow_outlets;
};

/// A layer's stage: events come from Feed, go through the fused steps of Node, and out by Outlets.
template <class Feed, class Node, class Outlets>
class lane final : public lane_core {
public:
    /// make_node(outlets) gives the steps.
    template <class MakeNode, class... Counts>
    lane(asio::any_io_executor const& executor, Feed feed, MakeNode const& make_node, Counts... counts)
        : lane_core(executor), in_(*this), outlets_(make_outlets(counts...)) {
        if constexpr (has_inlet) add_end(in_.core);
        if constexpr (has_outlets) {
            for (auto& out : outlets_) add_end(out.core());
        }
        work_.emplace(std::move(feed), make_node(outlets_), world());
    }

    auto in() noexcept -> auto& { return in_.core; }
    auto outlets() noexcept -> Outlets& { return outlets_; }

protected:
    auto run() -> asio::awaitable<void> override {
        if constexpr (has_outlets) outlets_.open();
        auto const drop = on_exit([this] { drop_body(); });
        auto& work = *work_;
        bool finishing = false;
        for (;;) {
            auto const came_to = pump(work, finishing);
            bool const everything = came_to == pumped::ended || (came_to == pumped::dry && would_wait()) ||
                                    work.p.was_slow() || work.p.clearing_is_due();
            if constexpr (has_outlets) {
                if (outlets_.is_full() || everything) {
                    while (auto* out = outlets_.pick(everything)) {
                        co_await out->end().emit(std::move(out->events));
                        outlets_.renew(*out);
                    }
                }
                if (outlets_.all_left()) co_return;
            }
            if (came_to == pumped::ended) co_return;
            if (work.p.rest_is_due()) {
                co_await rest();
                work.p.rested();
                check_running();
            }
            if constexpr (has_inlet) {
                if (came_to == pumped::dry) {
                    auto events = co_await in_.end.receive();
                    if (events) {
                        work.feed.give(std::move(*events));
                    } else {
                        finishing = true;
                    }
                }
            }
        }
    }

    void drop_body() noexcept override { work_.reset(); }

private:
    static constexpr bool has_inlet = lane_inlet<Feed>::exists;
    static constexpr bool has_outlets = Outlets::exist;

    struct work {
        work(Feed f, Node&& n, environment const& world) : feed(std::move(f)), node(std::move(n)), p(world) {}
        Feed feed;
        Node node;
        pace p;
    };

    template <class... Counts>
    auto make_outlets(Counts... counts) -> Outlets {
        if constexpr (has_outlets) {
            return Outlets(*this, counts...);
        } else {
            return Outlets();
        }
    }

    static auto pump(work& w, bool& finishing) -> pumped {
        w.p.begin();
        if (!w.node.resume(w.p)) return pumped::paused;
        if (!finishing) {
            auto const came_to = w.feed.pump(w.node, w.p);
            if (came_to != pumped::ended) return came_to;
            finishing = true;
        }
        return w.node.finish(w.p) ? pumped::ended : pumped::paused;
    }

    auto would_wait() -> bool {
        if constexpr (has_inlet) {
            return in_.core.poll() == inlet_state::waiting;
        } else {
            return true;
        }
    }

    [[no_unique_address]] lane_inlet<Feed> in_;
    Outlets outlets_;
    std::optional<work> work_;
};

}  // namespace sluice::detail
