#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <sluice/batch.hpp>
#include <sluice/core/api.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/child_ends.hpp>
#include <sluice/detail/flow/faults.hpp>
#include <sluice/detail/watch.hpp>
#include <sluice/discard.hpp>
#include <sluice/flow/map_async_options.hpp>
#include <sluice/inlet.hpp>
#include <sluice/outlet.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// How long to wait after so many attempts; the longest time that there is where doubling would pass it.
SLUICE_API auto backoff_after(std::size_t attempts, flow::map_async_options const& options) noexcept
    -> std::chrono::steady_clock::duration;

/// What the calls of a stage that throw for the last time come to.
template <class Policy>
struct async_guard {
    using policy_type = Policy;

    Policy policy;
    std::string title;  // of the step
};

/// One call of the function, with its event while it may be needed again.
template <class In, class Out>
struct async_call {
    std::uint64_t number = 0;
    std::optional<In> event;
    std::optional<Out> result;
    std::size_t attempts = 0;
    bool is_over = false;
    stage_ptr running;
    std::unique_ptr<alarm> next_attempt;
};

/// The calls of one stage. On its strand; a call itself runs on one of its own, so that several really go on at once.
template <class In, class Out, class Fn, class Guard>
class async_calls : public std::enable_shared_from_this<async_calls<In, Out, Fn, Guard>> {
    using policy = typename Guard::policy_type;
    using call = async_call<In, Out>;
    using call_ptr = std::shared_ptr<call>;

public:
    async_calls(stage_core& owner, wait_slot& wake, Fn fn, flow::map_async_options const& options, Guard guard)
        : owner_(&owner),
          wake_(&wake),
          fn_(std::move(fn)),
          options_(options),
          policy_(std::move(guard.policy)),
          faults_(owner) {
        faults_.add_step(std::move(guard.title));
        faults_.note(0, false);
    }

    auto has_room() const noexcept -> bool { return calls_.size() < options_.concurrency; }
    auto empty() const noexcept -> bool { return calls_.empty(); }
    auto has_results() const noexcept -> bool {
        return options_.ordered ? !calls_.empty() && calls_.front()->is_over : over_ > 0;
    }

    void start(In event) {
        auto const made = std::make_shared<call>();
        made->number = begun_++;
        if constexpr (core::is_copyable<In>) {
            if (options_.attempts > 1 || policy::keeps_events) made->event.emplace(event);
        }
        calls_.push_back(made);
        attempt(made, std::move(event));
    }
    /// Those that may go on.
    void take_results(batch<Out>& into) {
        for (auto at = calls_.begin(); at != calls_.end();) {
            if (!(*at)->is_over && options_.ordered) return;
            if ((*at)->is_over) {
                into.push_back(std::move(*(*at)->result));
                --over_;
                at = calls_.erase(at);
            } else {
                ++at;
            }
        }
    }
    /// All answers that there are, in whatever order; answers how many calls there are besides.
    auto give_up(batch<Out>& into) -> std::size_t {
        options_.ordered = false;
        take_results(into);
        return calls_.size();
    }
    /// How many calls have not come back yet, also of those that were given up.
    auto under_way() const noexcept -> std::size_t { return under_way_; }

    /// No more is wanted: whatever goes on is given up. Idempotent.
    void close() noexcept {
        closed_ = true;
        for (auto const& each : calls_) {
            each->next_attempt.reset();
            if (each->running) each->running->stop();
        }
        calls_.clear();
    }
    /// The body is gone.
    void leave() noexcept {
        close();
        faults_.log_skipped();
        wake_ = nullptr;
    }

private:
    static auto run(Fn fn, In event, call_ptr into) -> asio::awaitable<void> {
        auto awaiting = std::invoke(fn, std::move(event));
        into->result.emplace(co_await std::move(awaiting));
    }

    void attempt(call_ptr const& of, In event) {
        ++of->attempts;
        boost::intrusive_ptr<child_ends> child(new child_ends(owner_->inner()));
        child->name = owner_->name;
        set_body<asio::awaitable<void> (*)(Fn, In, call_ptr)>(*child, &async_calls::run, fn_, std::move(event), of);
        of->running = child;
        ++under_way_;
        auto ended = [all = this->shared_from_this(), of](std::exception_ptr error) { all->ended(of, error); };
        run_watched(of->running, strand_ptr(owner_), std::move(ended));
    }

    void ended(call_ptr const& of, std::exception_ptr const& error) {
        of->running = nullptr;
        --under_way_;
        if (!wake_) return;
        if (closed_) {
            if (under_way_ == 0) wake_->wake();
            return;
        }
        if (!error) {
            of->is_over = true;
            ++over_;
        } else if (of->attempts < options_.attempts) {
            return try_again(of, error);
        } else {
            return fail_for_good(of, error);
        }
        wake_->wake();
    }
    /// There is no answer, and will be none.
    void fail_for_good(call_ptr const& of, std::exception_ptr const& error) {
        if constexpr (policy::holds) {
            try {
                policy_.bad(faults_, std::move(of->event), faults_.place(of->number), error);
                std::erase(calls_, of);
                wake_->wake();
            } catch (...) {
                fail(of, std::current_exception());
            }
        } else {
            fail(of, error);
        }
    }
    /// So the body hears of it wherever it waits.
    void fail(call_ptr const& of, std::exception_ptr const& error) {
        owner_->fail(with_place(error, faults_.place(of->number)));
    }
    void try_again(call_ptr const& of, std::exception_ptr const& error) {
        if constexpr (core::is_copyable<In>) {
            auto again = [all = this->weak_from_this(), call = std::weak_ptr(of)] {
                auto const calls = all.lock();
                auto const due = call.lock();
                if (!calls || !due || calls->closed_) return;
                try {
                    calls->attempt(due, In(*due->event));
                } catch (...) {
                    calls->fail(due, std::current_exception());
                }
            };
            of->next_attempt = set_alarm_in(*owner_, backoff_after(of->attempts, options_), std::move(again));
            if (!of->next_attempt) fail_for_good(of, error);  // its time will not come
        }
    }

    stage_core* owner_;
    wait_slot* wake_;  // where the body waits; null when it is done
    Fn fn_;
    flow::map_async_options options_;
    std::deque<call_ptr> calls_;
    std::uint64_t begun_ = 0;
    std::size_t over_ = 0;
    std::size_t under_way_ = 0;
    bool closed_ = false;
    policy policy_;
    step_faults faults_;
};

/// A batch whose events are begun one after the other.
template <class In>
struct begun_batch {
    auto left() const noexcept -> std::size_t { return events.size() - begun; }

    batch<In> events = {};
    std::size_t begun = 0;
};

/// Takes events in, begins calls, and gives out what they have answered.
template <class In, class Out, class Fn, class Guard>
auto map_while_wanted(inlet<In>& in, outlet<Out>& out, async_calls<In, Out, Fn, Guard>& calls, begun_batch<In>& next)
    -> asio::awaitable<void> {
    auto& core = access::core(in);
    access::core(out).wake_when_left(core.receive_wait());
    for (bool over = false; !over || !calls.empty();) {
        if (core.stage().is_stopping()) throw_aborted();
        if (access::core(out).all_left()) co_return;
        if (calls.has_results()) {
            auto results = out.make_batch();
            calls.take_results(results);
            const bool taken = co_await out.emit(std::move(results));
            if (!taken) co_return;
        } else if (next.left() > 0 && calls.has_room()) {
            calls.start(std::move(next.events[next.begun++]));
        } else if (next.left() == 0 && !over && calls.has_room()) {
            core.acknowledge();
            auto const state = core.poll();
            if (state == inlet_state::stopping) throw_aborted();
            if (state == inlet_state::failed) std::rethrow_exception(core.doom());
            if (state == inlet_state::waiting) {
                co_await wait_in(core.receive_wait());
            } else if (state == inlet_state::ready) {
                next.events = core.take();
                next.begun = 0;
            } else {
                over = true;
            }
        } else {
            co_await wait_in(core.receive_wait());
        }
    }
}

/// What a body that ends has not given out: answers are discarded, visibly; those events that have none are counted,
/// unless it ends because nobody wants more.
template <class In, class Out, class Fn, class Guard>
void discard_calls(inlet<In>& in, outlet<Out>& out, async_calls<In, Out, Fn, Guard>& calls,
                   std::size_t not_begun) noexcept {
    bool const unwanted = access::core(out).all_left() && !access::core(out).stage().is_stopping();
    batch<Out> answers;
    try {
        auto const unanswered = calls.give_up(answers);
        if (!unwanted) access::core(in).note_in_hand(not_begun + unanswered);
    } catch (...) {  // a move threw
        access::core(in).stage().fail(std::current_exception());
    }
    access::core(out).refuse(std::move(answers), unwanted ? discard_reason::no_consumers : discard_reason::stage_ended);
}

/// The body of a stage that maps by awaiting. It ends when its calls have: they may refer to what goes with the flow.
template <class In, class Out, class Fn, class Guard>
auto map_async_body(inlet<In>& in, outlet<Out>& out, Fn fn, flow::map_async_options options, Guard guard)
    -> asio::awaitable<void> {
    auto& wake = access::core(in).receive_wait();
    using calls_type = async_calls<In, Out, Fn, Guard>;
    auto const calls =
        std::make_shared<calls_type>(access::core(in).stage(), wake, std::move(fn), options, std::move(guard));
    auto const leave = core::on_exit([&calls] { calls->leave(); });
    co_await asio::this_coro::throw_if_cancelled(false);  // a stop is seen in the loop, and calls are waited for behind
    begun_batch<In> next;
    std::exception_ptr failed;
    try {
        co_await map_while_wanted(in, out, *calls, next);
    } catch (...) {
        failed = std::current_exception();
    }
    discard_calls(in, out, *calls, next.left());
    calls->close();
    while (calls->under_way() > 0) {
        try {
            co_await wait_in(wake);
        } catch (boost::system::system_error const&) {}  // the stop wakes it too
    }
    if (failed) std::rethrow_exception(failed);
}

}  // namespace sluice::detail
