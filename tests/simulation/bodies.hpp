#pragma once

#include <optional>
#include <sluice/emission.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/inlet.hpp>
#include <sluice/intake.hpp>
#include <sluice/outlet.hpp>
#include <sluice/stream.hpp>
#include <span>

#include "world.hpp"

namespace graphs {

using inlet = sluice::inlet<event>;
using outlet = sluice::outlet<event>;

// Coroutine bodies; the actor's plan says in which manner they go about it.
auto produce(outlet& out, self me) -> asio::awaitable<void>;
auto convert(inlet& in, outlet& out, self me) -> asio::awaitable<void>;
auto consume(inlet& in, self me) -> asio::awaitable<void>;
auto feed(sluice::intake<event>& into, self me, std::shared_ptr<std::size_t> feeders) -> asio::awaitable<void>;
auto draw_from(sluice::stream<event>& out_of, self me, std::size_t reader) -> asio::awaitable<void>;

/// Watches what a demand_dispatcher is told and answers, and holds it to the model: in all it must have asked the
/// producer for as much as delivered events and the outstanding demand of the consumers there are have ever been.
class watched_dispatcher {
public:
    explicit watched_dispatcher(actor& me) : me_{&me} {}

    auto subscribe(sluice::subscriber_id id, sluice::subscriber<event> const& who) -> std::size_t {
        return signal(inner_.subscribe(id, who));
    }
    auto cancel(sluice::subscriber_id id) -> std::size_t {
        me_->demand.cancelled(id);
        return signal(inner_.cancel(id));
    }
    auto ask(sluice::subscriber_id id, std::size_t n, std::size_t buffered) -> std::size_t {
        me_->demand.asked(id, n);
        return signal(inner_.ask(id, n, buffered));
    }
    template <class Deliver>
    auto dispatch(std::span<event> all, Deliver&& deliver) -> std::span<event> {
        auto const rest = inner_.dispatch(all, [&](sluice::subscriber_id id, std::span<event> part) {
            me_->demand.delivered(id, part.size());
            deliver(id, part);
        });
        signal(0);
        return rest;
    }
    using hands_over_whole = watched_dispatcher;
    auto take_whole(std::size_t n) -> std::optional<sluice::subscriber_id> {
        auto const taker = inner_.take_whole(n);
        if (taker) {
            me_->demand.delivered(*taker, n);
            signal(0);
        }
        return taker;
    }
    auto total_demand() const -> std::size_t { return inner_.total_demand(); }

private:
    auto signal(std::size_t n) -> std::size_t;

    actor* me_;
    sluice::demand_dispatcher<event> inner_;
};

/// What all handler objects have in common. The counted event stands for what a user's handler owns.
class handler {
public:
    explicit handler(self me) : me_{std::move(me)}, owned_{me_.in->home.events(), {}} {}

protected:
    /// In a call, from its begin to its end, also while it waits: no other one comes.
    class call {
    public:
        explicit call(actor& a) : a_{a} {
            turn const now{a};
            invariant(!a.in_handler, "a handler object is called while another call is going on");
            a.in_handler = true;
        }
        call(call const&) = delete;
        auto operator=(call const&) -> call& = delete;
        ~call() { a_.in_handler = false; }

    private:
        actor& a_;
    };

    auto me() const -> self const& { return me_; }

    void asked_to_subscribe(sluice::subscription const& s);
    void take(events const& batch, sluice::subscription const& from);
    void took(std::size_t n, sluice::subscription const& from);

private:
    self me_;
    event owned_;
};

class source_handler : public handler {
public:
    using handler::handler;
    void handle_subscribe(sluice::subscription const& s);
    void handle_cancel(sluice::end_reason const& reason, sluice::subscription const& s);

protected:
    void hear(std::size_t demand);
    auto answer() -> sluice::emission<event>;
};
class prompt_source final : public source_handler {
public:
    using source_handler::source_handler;
    auto handle_demand(std::size_t n) -> sluice::emission<event>;
};
class slow_source final : public source_handler {
public:
    using source_handler::source_handler;
    auto handle_demand(std::size_t n) -> asio::awaitable<sluice::emission<event>>;
};

class sink_handler : public handler {
public:
    using handler::handler;
    void handle_subscribe(sluice::subscription const& s);
    void handle_cancel(sluice::end_reason const& reason, sluice::subscription const& s);
};
class prompt_sink final : public sink_handler {
public:
    using sink_handler::sink_handler;
    void handle_events(events batch, sluice::subscription const& from);
};
class slow_sink final : public sink_handler {
public:
    using sink_handler::sink_handler;
    auto handle_events(events batch, sluice::subscription const& from) -> asio::awaitable<void>;
};

/// handle_subscribe and handle_cancel are called for both sides.
class middle_handler : public handler {
public:
    using handler::handler;
    void handle_subscribe(sluice::subscription const& s);
    void handle_cancel(sluice::end_reason const& reason, sluice::subscription const& s);

protected:
    auto answer(std::size_t n) -> sluice::emission<event>;
};
class prompt_middle final : public middle_handler {
public:
    using middle_handler::middle_handler;
    auto handle_events(events batch, sluice::subscription const& from) -> sluice::emission<event>;
};
class slow_middle final : public middle_handler {
public:
    using middle_handler::middle_handler;
    auto handle_events(events batch, sluice::subscription const& from) -> asio::awaitable<sluice::emission<event>>;
};

}  // namespace graphs
