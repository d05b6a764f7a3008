#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <sluice/batch.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/detail/prompt.hpp>
#include <sluice/discard.hpp>
#include <sluice/emit_result.hpp>
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

template <class T>
auto as_batch(outlet_core<T>&, batch<T>& given) -> batch<T> {
    return std::move(given);
}
template <class T>
auto as_batch(outlet_core<T>& core, T& given) -> batch<T> {
    auto one = core.make_batch();
    one.push_back(std::move(given));
    return one;
}

/// An emit as a coroutine. `begun`: the outlet has the events, and only their takers are waited for. `rest`: in any
/// case until others have had their turn.
template <class T, class Given>
auto emit_waiting(outlet_core<T>& core, Given given, bool begun, bool rest) -> asio::awaitable<emit_result<T, Given>> {
    if constexpr (std::is_same_v<Given, T>) {
        if (!begun && is_free(core) && core.emit_one(given)) {
            begun = true;
            rest = !core.stage().take_operation();
        }
    }
    if (!begun) {
        auto events = as_batch<T>(core, given);
        if (events.empty()) co_return !core.all_left() && !core.is_winding_down();
        auto refused = discard_reason::stage_ended;
        auto const unless_accepted = core::on_exit([&] { core.refuse(std::move(events), refused); });
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
    auto const unless_taken = core::on_exit([&] { core.discard_carry(discard_reason::cancelled); });
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
    auto later() && -> asio::awaitable<emit_result<T, Given>> {
        try {
            return emit_waiting<T, Given>(*core_, std::move(given_), begun_, rest_);
        } catch (...) {  // no memory for its frame
            if (begun_) core_->discard_carry(discard_reason::cancelled);
            throw;
        }
    }
    auto result() const noexcept -> emit_result<T, Given> { return !core_->is_winding_down(); }

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
struct prompt_operation<emit_result<T, Given>> {
    using type = emitting<T, Given>;
};

template <class T, class Given>
auto emit(outlet_core<T>& core, Given given) -> asio::awaitable<emit_result<T, Given>> {
    if constexpr (answered_promptly<emit_result<T, Given>>) {
        return asio::awaitable<emit_result<T, Given>>(emitting<T, Given>(core, std::move(given)));
    } else {
        return emit_waiting<T, Given>(core, std::move(given), false, false);
    }
}

}  // namespace sluice::detail
