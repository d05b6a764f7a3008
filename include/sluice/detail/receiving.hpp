#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <exception>
#include <sluice/batch.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/prompt.hpp>
#include <sluice/errc.hpp>
#include <sluice/receive_result.hpp>
#include <sluice/shared_batch.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

enum class limit : bool { none, deadline };

/// Takes what poll() said was ready.
template <class Batch, class T>
auto take_ready(inlet_core<T>& core) -> receive_result<Batch> {
    if constexpr (std::is_same_v<Batch, shared_batch<T>>) {
        return core.take_shared();
    } else {
        return core.take();
    }
}

/// A receive. With limit::deadline an empty batch when the deadline that was set has come.
template <class Batch, class T>
auto receive_later(inlet_core<T>& core, limit until) -> asio::awaitable<receive_result<Batch>> {
    core.acknowledge();
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    // In another thread of execution than the body's, say an operand of ||, suspend first: Boost 1.81 posts before it
    // completes an operation that never suspended, and the batch could be lost on that way.
    bool const elsewhere = cancellation.slot() != core.stage().body_slot();
    bool rest = elsewhere || !core.stage().take_operation();
    for (;;) {
        auto const state = core.poll();
        if (state == inlet_state::stopping) throw_aborted();
        if (state != inlet_state::waiting && !rest) {
            if (state == inlet_state::ready) co_return take_ready<Batch>(core);
            if (state == inlet_state::failed) std::rethrow_exception(core.doom());
            co_return std::nullopt;
        }
        if (until == limit::deadline && core.deadline().has_passed() && !rest) co_return Batch();
        if (core.receive_wait().waiting()) throw_error(errc::already_running);
        bool const ready = state != inlet_state::waiting || (until == limit::deadline && core.deadline().has_passed());
        co_await wait_in(core.receive_wait(), ready);
        if (cancellation.cancelled() != asio::cancellation_type::none) throw_aborted();
        rest = false;
    }
}

/// A receive that has not been awaited yet.
template <class T, class Batch>
class receiving {
public:
    receiving() noexcept = default;
    explicit receiving(inlet_core<T>& core) noexcept : core_(&core) {}
    receiving(receiving&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    auto operator=(receiving&&) -> receiving& = delete;

    auto valid() const noexcept -> bool { return core_; }

    /// It cannot tell yet in whose thread of execution it is.
    static auto try_begin() noexcept -> bool { return false; }
    auto try_finish(asio::cancellation_slot const& slot) noexcept -> bool {
        core_->acknowledge();
        auto& stage = core_->stage();
        return core_->has_events() && slot == stage.body_slot() && stage.take_operation();
    }
    auto later() && -> asio::awaitable<receive_result<Batch>> { return receive_later<Batch>(*core_, limit::none); }
    auto result() -> receive_result<Batch> { return take_ready<Batch>(*core_); }

private:
    inlet_core<T>* core_ = nullptr;
};

template <class T>
struct prompt_operation<receive_result<batch<T>>> {
    using type = receiving<T, batch<T>>;
};
template <class T>
struct prompt_operation<receive_result<shared_batch<T>>> {
    using type = receiving<T, shared_batch<T>>;
};

template <class Batch, class T>
auto receive(inlet_core<T>& core) -> asio::awaitable<receive_result<Batch>> {
    if constexpr (answered_promptly<receive_result<Batch>>) {
        return asio::awaitable<receive_result<Batch>>(receiving<T, Batch>(core));
    } else {
        return receive_later<Batch>(core, limit::none);
    }
}

}  // namespace sluice::detail
