#include "bodies.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace graphs {

using namespace std::chrono_literals;

namespace {

/// In a body that is being stopped, co_await throws before anything is emitted: so nothing must count as emitted.
void refuse_if_stopping(self const& me) {
    if (me->core->is_stopping()) throw boost::system::system_error(asio::error::operation_aborted);
}

auto emit_batch(outlet& out, self me, std::size_t n) -> asio::awaitable<bool> {
    refuse_if_stopping(me);
    auto batch = out.make_batch();
    {
        turn const now{*me.me};
        make(*me.me, batch, n);
    }
    co_return co_await out.emit(std::move(batch));
}

auto emit_singly(outlet& out, self me, std::size_t n) -> asio::awaitable<bool> {
    for (; n > 0; --n) {
        refuse_if_stopping(me);
        auto one = make_one(*me.me);
        bool const taken = co_await out.emit(std::move(one));
        if (!taken) co_return false;
    }
    co_return true;
}

/// With a token of its own instead of emit().
auto emit_by_token(outlet& out, self me, std::size_t n) -> asio::awaitable<bool> {
    refuse_if_stopping(me);
    events batch;
    make(*me.me, batch, n);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto const handed_over = co_await out.async_emit(std::move(batch), token);
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    invariant(error || handed_over == n, "an emit without error has handed over all");
    co_return !error;
}

auto emit(outlet& out, self me, std::size_t n) -> asio::awaitable<bool> {
    if (n == 0) co_return true;
    if (me->plan.manner == 2) co_return co_await emit_singly(out, me, n);
    if (me->plan.manner == 3) co_return co_await emit_by_token(out, me, n);
    co_return co_await emit_batch(out, me, n);
}

/// How much a producer shall emit next; 0 if its consumers have left.
auto hear_demand(outlet& out, self me) -> asio::awaitable<std::size_t> {
    if (me->plan.manner == 1) co_return 3;  // does not ask: emit() waits
    std::size_t wanted = 0;
    if (me->plan.manner == 3) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        wanted = co_await out.async_demand(token);
        if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
        if (error) co_return 0;
    } else {
        auto const demand = co_await out.demand();
        if (!demand) co_return 0;
        wanted = *demand;
    }
    turn const now{*me.me};
    invariant(wanted > 0, "demand is one or more");
    check_wanted(*me.me, wanted);
    co_return wanted;
}

}  // namespace

auto produce(outlet& out, self me) -> asio::awaitable<void> {
    for (;;) {
        step(*me.me);
        if (me->left() == 0) co_return;
        auto const wanted = co_await hear_demand(out, me);
        if (wanted == 0) co_return;
        co_await pause(me);
        auto const n = choose_size(*me.me, wanted);
        bool const taken = co_await emit(out, me, n);
        if (!taken) co_return;
        co_await pause(me);
    }
}

namespace {

auto next_batch(inlet& in, self me) -> asio::awaitable<std::optional<events>> {
    acknowledge(*me.me);
    if (me->plan.manner % 2 == 1 && ++me->timeouts > 50) co_return co_await in.receive();  // it must come to rest
    if (me->plan.manner == 1) co_return co_await in.receive_for(3ms);
    if (me->plan.manner == 2) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto batch = co_await in.async_receive(token);
        if (error == sluice::errc::end_of_stream) co_return std::nullopt;
        if (error) throw boost::system::system_error(error);
        co_return std::move(batch);
    }
    if (me->plan.manner == 3) {
        using namespace asio::experimental::awaitable_operators;
        auto either = co_await (in.receive() || me.in->home.async_wait(3ms, asio::use_awaitable));
        if (either.index() == 0) co_return std::get<0>(std::move(either));
        co_return events{};
    }
    co_return co_await in.receive();
}

}  // namespace

auto convert(inlet& in, outlet& out, self me) -> asio::awaitable<void> {
    for (;;) {
        step(*me.me);
        if (returns_now(*me.me)) co_return;
        auto batch = co_await next_batch(in, me);
        if (!batch) co_return;
        if (batch->empty()) continue;
        {
            turn const now{*me.me};
            receive(*me.me, *batch);
        }
        co_await pause(me);
        auto const n = me.in->plan.varied ? me.in->decider.choose(batch->size() + 2) : batch->size();
        batch->clear();
        check_under_way(*me.me);
        me->plan.events += n;
        bool const taken = co_await emit(out, me, n);
        if (!taken) co_return;
    }
}

auto consume(inlet& in, self me) -> asio::awaitable<void> {
    for (;;) {
        step(*me.me);
        if (returns_now(*me.me)) co_return;
        auto batch = co_await next_batch(in, me);
        if (!batch) co_return;
        if (batch->empty()) continue;
        {
            turn const now{*me.me};
            receive(*me.me, *batch);
        }
        co_await pause(me);
        turn const now{*me.me};
        check_under_way(*me.me);
    }
}

auto feed(sluice::intake<event>& into, self me, std::shared_ptr<std::size_t> feeders) -> asio::awaitable<void> {
    bool taken = true;
    try {
        while (taken && me->left() > 0) {
            co_await pause(me);
            events batch;
            make(*me.me, batch, choose_size(*me.me, 3));
            taken = co_await into.emit(std::move(batch));
        }
    } catch (event_failure const&) {
    } catch (boost::system::system_error const&) {
        invariant(me.in->may_lose(), "an intake fails for no reason");
    }
    if (--*feeders == 0) into.close();
}

auto draw_from(sluice::stream<event>& out_of, self me, std::size_t reader) -> asio::awaitable<void> {
    try {
        for (;;) {
            ++me->steps;
            if (returns_now(*me.me)) break;
            acknowledge(*me.me);
            auto batch = co_await out_of.receive();
            if (!batch) break;
            receive(*me.me, *batch, reader);
            co_await pause(me);
        }
    } catch (planned_failure const&) {
    } catch (event_failure const&) {
    } catch (asio::multiple_exceptions const&) {  // of a stage that waited with ||
    } catch (boost::system::system_error const&) {
        invariant(me.in->stopped || me.in->disturbed, "a stream fails for no reason");
    }
    out_of.close();
}

}  // namespace graphs
