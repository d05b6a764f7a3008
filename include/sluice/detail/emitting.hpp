#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <sluice/batch.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/on_exit.hpp>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/detail/planted.hpp>
#include <sluice/detail/prompt.hpp>
#include <sluice/discard.hpp>
#include <sluice/emitted.hpp>
#include <sluice/errc.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

template <class T>
void check_running(outlet_core<T> const& core) {
    if (core.stage().is_stopping()) throw_aborted();
}

/// An emit may begin now: nothing is before it, and somebody is there to take events.
template <class T>
auto is_free(outlet_core<T>& core) noexcept -> bool {
    return !core.stage().is_stopping() && !core.has_backlog() && !core.emit_wait().waiting() && !core.all_left();
}

/// What an emit has to wait for: `begun`, the takers of what the outlet has already; else its turn too. `rest`: in any
/// case until others have had their turn.
template <class T, class Given>
auto emit_waiting(outlet_core<T>& core, batch<T> events, bool begun, bool rest) -> asio::awaitable<emitted<T, Given>> {
    if (!begun) {
        if (events.empty()) co_return !core.all_left() && !core.is_winding_down();
        auto refused = discard_reason::stage_ended;
        auto const unless_accepted = on_exit([&] { core.refuse(std::move(events), refused); });
        check_running(core);
        if (core.emit_wait().waiting()) throw_error(errc::already_running);
        while (core.has_backlog() && !core.all_left()) {
            refused = discard_reason::cancelled;
            co_await wait_in(core.emit_wait());
            check_running(core);
        }
        if (core.all_left()) {
            refused = discard_reason::no_consumers;
            co_return false;
        }
        core.emit(std::move(events));
        rest = !core.stage().take_operation();
    }
    auto const unless_taken = on_exit([&] { core.discard_carry(discard_reason::cancelled); });
    while (!core.is_taken() || rest) {
        if (SLUICE_BUG(emit_returns_early)) co_return true;
        if (core.all_left() && !core.is_taken()) {
            core.discard_carry(discard_reason::no_consumers);
            co_return false;
        }
        co_await wait_in(core.emit_wait(), core.is_taken());
        check_running(core);
        rest = false;
    }
    co_return !core.is_winding_down();
}

/// An emit whose event nothing may move about: it stays in this frame.
template <class T>
auto emit_in_frame(outlet_core<T>& core, T event) -> asio::awaitable<emitted<T, T>> {
    bool const begun = is_free(core) && core.emit_one(event);
    bool const rest = begun && !core.stage().take_operation();
    if (begun && !rest) co_return !core.is_winding_down();
    auto one = core.make_batch();
    if (!begun) one.push_back(std::move(event));
    co_return co_await emit_waiting<T, T>(core, std::move(one), begun, rest);
}

/// An emit of `Given` that has not been awaited yet.
template <class T, class Given>
class emitting {
public:
    emitting() noexcept = default;
    emitting(outlet_core<T>& core, Given&& given) noexcept : core_(&core), given_(std::move(given)) {}
    emitting(emitting&& other) noexcept : core_(std::exchange(other.core_, nullptr)), given_(std::move(other.given_)) {}
    auto operator=(emitting&&) -> emitting& = delete;

    auto valid() const noexcept -> bool { return core_; }
    auto try_begin() -> bool {
        if (!is_free(*core_) || !begin()) return false;
        begun_ = true;
        rest_ = !core_->stage().take_operation();
        return core_->is_taken() && !rest_;
    }
    static auto try_finish(asio::cancellation_slot const&) noexcept -> bool { return false; }
    auto later() && -> asio::awaitable<emitted<T, Given>> {
        try {
            return emit_waiting<T, Given>(*core_, begun_ ? batch<T>() : as_batch(), begun_, rest_);
        } catch (...) {  // no memory for its frame
            if (begun_) core_->discard_carry(discard_reason::cancelled);
            throw;
        }
    }
    auto result() const noexcept -> emitted<T, Given> { return !core_->is_winding_down(); }

private:
    auto begin() -> bool {
        if constexpr (std::is_same_v<Given, T>) {
            return core_->emit_one(given_);
        } else {
            if (given_.empty()) return false;
            core_->emit(std::move(given_));
            return true;
        }
    }

    auto as_batch() -> batch<T> {
        if constexpr (std::is_same_v<Given, T>) {
            auto one = core_->make_batch();
            one.push_back(std::move(given_));
            return one;
        } else {
            return std::move(given_);
        }
    }

    outlet_core<T>* core_ = nullptr;
    Given given_{};
    bool begun_ = false;
    bool rest_ = false;
};

/// Moving it about costs little and loses nothing; other events travel in a coroutine's frame.
template <class T>
inline constexpr bool travels_well =
    std::is_nothrow_default_constructible_v<T>&& std::is_nothrow_move_constructible_v<T> && sizeof(T) <= 64;

template <class T, class Given>
    requires travels_well<Given>
struct prompt_operation<emitted<T, Given>> {
    using type = emitting<T, Given>;
};

template <class T>
auto emit(outlet_core<T>& core, batch<T> events) -> asio::awaitable<emitted<T, batch<T>>> {
    if constexpr (answered_promptly<emitted<T, batch<T>>>) {
        return asio::awaitable<emitted<T, batch<T>>>(emitting<T, batch<T>>(core, std::move(events)));
    } else {
        return emit_waiting<T, batch<T>>(core, std::move(events), false, false);
    }
}
template <class T>
auto emit(outlet_core<T>& core, T event) -> asio::awaitable<emitted<T, T>> {
    if constexpr (answered_promptly<emitted<T, T>>) {
        return asio::awaitable<emitted<T, T>>(emitting<T, T>(core, std::move(event)));
    } else {
        return emit_in_frame(core, std::move(event));
    }
}

}  // namespace sluice::detail
