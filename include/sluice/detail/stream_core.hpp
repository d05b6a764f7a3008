#pragma once

#include <atomic>
#include <deque>
#include <optional>
#include <sluice/core/planted.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/operation.hpp>

namespace sluice::detail {

/// A consumer without a body: operations from anywhere stand in line for the inlet's batches.
template <class T>
class stream_core final : public stage_core {
public:
    using receive_operation = operation<std::optional<batch<T>>>;
    struct nothing {};

    explicit stream_core(asio::any_io_executor const& executor)
        : stage_core(executor), fallback_(executor), in_(*this, {}) {
        this->add_end(in_);
        this->mark_running();
    }

    auto in() noexcept -> inlet_core<T>& { return in_; }
    auto fallback_executor() const noexcept -> asio::any_io_executor const& { return fallback_; }
    auto next_number() noexcept -> std::uint64_t { return numbers_.fetch_add(1, std::memory_order_relaxed) + 1; }

    void begin() {
        send_function(*this, [this] { in_.start(); });
    }

    /// Gives up its subscriptions; receives that wait see the end. From any thread.
    void close() {
        send_function(*this, [this] {
            if (this->current_phase() != phase::running) return;
            auto line = std::exchange(line_, {});
            for (auto* op : line) op->complete(nullptr, std::nullopt);
            this->body_ended(nullptr);
        });
    }

    /// A batch that was received and not looked at. From any thread.
    void put_back(batch<T> events) {
        send_function(*this, [this, events = std::move(events)]() mutable {
            in_.put_back(std::move(events));
            go_on();
        });
    }

    void arrived(receive_operation& op, nothing) noexcept {
        if (this->current_phase() != phase::running) {
            op.complete(nullptr, std::nullopt);
            return;
        }
        in_.acknowledge();
        line_.push_back(&op);
        go_on();
    }

    void cancelled(std::uint64_t number) noexcept {
        for (auto each = line_.begin(); each != line_.end(); ++each) {
            if ((*each)->number != number) continue;
            auto* op = *each;
            line_.erase(each);
            op->complete(std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted)),
                         std::nullopt);
            return;
        }
    }

private:
    void launch() override {}
    void drop_body() noexcept override {}

    void go_on() noexcept {
        try {
            while (!line_.empty()) {
                // Also when the batch before went to another operation: this one asks again.
                if (!SLUICE_BUG(renewal_forgotten)) in_.acknowledge();
                auto const state = in_.poll();
                if (state == inlet_state::waiting) break;
                std::exception_ptr const error = state == inlet_state::failed ? in_.doom() : nullptr;
                auto events = state == inlet_state::ready ? std::optional<batch<T>>(in_.take()) : std::nullopt;
                auto* op = line_.front();
                line_.pop_front();
                op->complete(error, std::move(events));
            }
        } catch (...) {  // a move of an event threw
            auto* op = line_.front();
            line_.pop_front();
            op->complete(std::current_exception(), std::nullopt);
        }
        if (!line_.empty() && !in_.receive_wait().waiting()) {
            in_.receive_wait().start([this](error_code) { go_on(); }, no_result());
        }
    }

    void stopping() noexcept override {
        auto const stopped = std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
        auto const why = this->failure() ? this->failure() : stopped;
        auto line = std::exchange(line_, {});
        for (auto* op : line) op->complete(why, std::nullopt);
        this->body_ended(nullptr);
    }

    void abandoned() noexcept override {
        auto line = std::exchange(line_, {});
        for (auto* op : line) op->drop();
        stage_core::abandoned();
        fallback_ = {};
    }

    asio::any_io_executor fallback_;
    inlet_core<T> in_;
    std::atomic<std::uint64_t> numbers_ = 0;
    std::deque<receive_operation*> line_;
};

}  // namespace sluice::detail
