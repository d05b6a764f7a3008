#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <sluice/batch.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/emitting.hpp>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/detail/stages/mistaken_event.hpp>
#include <sluice/detail/stages/mistakes.hpp>
#include <sluice/emit_result.hpp>

namespace sluice {

/// The end of a stage through which its body sees demand and emits events.
///
/// @code
/// auto counter(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
///     while (auto wanted = co_await out.demand()) {
///         auto events = out.make_batch();
///         for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
///         const bool done = next == last;
///         const bool taken = co_await out.emit(std::move(events));
///         if (!taken || done) co_return;
///     }
/// }
/// @endcode
///
/// Only the runtime makes one, and only the runtime closes it: it alone knows why the body has ended.
///
/// @par Thread safety
/// Unsafe; use it on the stage's strand, where its body runs.
template <class T>
class outlet {
public:
    using clock = std::chrono::steady_clock;  ///< What now() and deadlines count in; virtual in the simulator.

    /// For the stage whose outlet it is.
    explicit outlet(detail::outlet_core<T>& core) noexcept : core_(&core) {}
    outlet(outlet const&) = delete;
    /// @cond
    /// Says what is wrong with a body that takes it by value.
    template <std::same_as<outlet> Other>
    outlet(Other&&) : core_(detail::refuse_end_by_value<Other>()) {}
    /// @endcond
    auto operator=(outlet const&) -> outlet& = delete;

    /// An empty batch with a recycled buffer.
    auto make_batch() -> batch<T> { return core_->make_batch(); }

    /// How many events the consumers have asked for and not been given. At least 1; nullopt when every consumer has
    /// left for good, or the stage was asked to end (stage_group::async_stop). Waits until there is demand. Has no side
    /// effect: emit() uses demand up.
    ///
    /// @par Per-operation cancellation
    /// terminal, partial, total. Throws operation_aborted; so it does when the stage is stopped.
    auto demand() -> asio::awaitable<std::optional<std::size_t>>;

    /// Gives the events to those who asked, and waits until the last one has found a taker. More than was asked for may
    /// be emitted; it is what makes this wait. An empty batch is nothing, and is answered at once.
    ///
    /// Answers false when no more is wanted: every consumer has left for good, and what found no taker was discarded,
    /// and on_discard saw it; or the stage was asked to end, and everything has found its taker.
    ///
    /// @par Per-operation cancellation
    /// terminal, partial. Throws operation_aborted; events without a taker are discarded. So when the stage is stopped.
    ///
    /// @par Errors
    /// errc::already_running when another emit of this outlet waits. What a move of an event throws ends the stage.
    auto emit(batch<T>&& events) -> asio::awaitable<emit_result<T, batch<T>>>;

    /// The same for one event. Single events to a consumer that is busy travel together.
    auto emit(T&& event) -> asio::awaitable<emit_result<T, T>>;
    /// The same for a copy of one event.
    auto emit(T const& event) -> asio::awaitable<emit_result<T, T>>
        requires std::copy_constructible<T> { return emit(T(event)); }
    /// @cond
    /// Says what is wrong with what is no event.
    template <detail::no_event<T> Given>
    auto emit(Given&&) {
        return detail::refuse_event<T, Given>();
    }
    /// @endcond

    /// Hands events to those who asked for them, and puts the rest into the stage's buffer: for events from outside
    /// that cannot wait. Never waits; when the buffer is full, outlet_options::buffer_keep says which events are
    /// discarded, visibly. On the stage's strand: in its body, or in a visit.
    ///
    /// @par Errors
    /// What a move of an event throws, which ends the stage.
    void push(batch<T> events) { core_->push(std::move(events)); }
    /// The same for one event.
    void push(T event) {
        auto one = make_batch();
        one.push_back(std::move(event));
        push(std::move(one));
    }
    /// @cond
    /// Says what is wrong with what is no event.
    template <detail::no_event<T> Given>
    auto push(Given&&) {
        detail::refuse_event<T, Given>();
    }
    /// @endcond

    /// Gives events up that a body has received and cannot emit any more: they are counted, logged, and shown to
    /// on_discard as discard_reason::stage_ended. Also while the body is being destroyed.
    void discard(batch<T> events) noexcept { core_->refuse(std::move(events), discard_reason::stage_ended); }

    /// Waits until fewer than `bound` events, of those that were pushed, wait for a taker; answers how many may be
    /// pushed until there are so many. nullopt when every consumer has left for good. `bound`: at least 1.
    ///
    /// @par Per-operation cancellation
    /// terminal, partial, total. Throws operation_aborted; so it does when the stage is stopped.
    auto room(std::size_t bound) -> asio::awaitable<std::optional<std::size_t>>;

    /// Waits until `when`, or until no more is wanted: for bodies that make their events by the clock. Answers false
    /// when every consumer has left for good, or the stage was asked to end; then at once, whatever the time. In a
    /// simulation time is virtual.
    ///
    /// @par Per-operation cancellation
    /// terminal, partial, total. Throws operation_aborted; so it does when the stage is stopped.
    /// @par Errors
    /// errc::already_running when another pause of this outlet goes on.
    auto pause_until(clock::time_point when) -> asio::awaitable<bool>;
    /// The time as pause_until() knows it.
    auto now() const -> clock::time_point { return core_->stage().world().now(); }

    /// Like demand(), with any completion token. Completes on the handler's associated executor, else the stage's
    /// strand, as if by post.
    ///
    /// @par Completion signature
    /// @code void(error_code, std::size_t) @endcode
    /// @par Errors
    /// errc::no_consumers, errc::already_running, operation_aborted.
    template <class Token = asio::use_awaitable_t<>>
    auto async_demand(Token&& token = {});

    /// Like emit(), with any completion token; says how many events found a taker.
    ///
    /// @par Completion signature
    /// @code void(error_code, std::size_t handed_over) @endcode
    /// @par Errors
    /// errc::no_consumers, errc::already_running, operation_aborted.
    template <class Token = asio::use_awaitable_t<>>
    auto async_emit(batch<T> events, Token&& token = {});

private:
    friend struct detail::access;
    auto core() const noexcept -> detail::outlet_core<T>& { return *core_; }

    detail::outlet_core<T>* core_;
};

}  // namespace sluice

#include <sluice/detail/stages/outlet_impl.hpp>
