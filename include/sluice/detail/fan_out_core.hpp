#pragma once

#include <atomic>
#include <deque>
#include <sluice/detail/operation.hpp>
#include <sluice/detail/outlet_core.hpp>

namespace sluice::detail {

/// A producer without a body: operations from anywhere stand in line for the outlet, first come, first served.
template <class T>
class fan_out_core final : public stage_core {
public:
    using emit_operation = operation<bool>;

    fan_out_core(asio::any_io_executor const& executor, outlet_options const& options,
                 std::unique_ptr<any_dispatcher<T>> dispatcher)
        : stage_core(executor), fallback_(executor), out_(*this, options, std::move(dispatcher)) {
        this->add_end(out_);
        this->mark_running();
    }

    auto out() noexcept -> outlet_core<T>& { return out_; }
    auto fallback_executor() const noexcept -> asio::any_io_executor const& { return fallback_; }
    auto next_number() noexcept -> std::uint64_t { return numbers_.fetch_add(1, std::memory_order_relaxed) + 1; }

    /// Ends normally once everything that was emitted before has found a taker. From any thread.
    void close() {
        send_function(*this, [this] {
            closing_ = true;
            go_on();
        });
    }

    /// The same when nobody can subscribe any more: without a consumer there is nothing to wait for.
    void release() {
        send_function(*this, [this] {
            closing_ = true;
            out_.last_consumers();
            go_on();
        });
    }

    void arrived(emit_operation& op, batch<T> events) noexcept {
        if (closing_ || this->current_phase() != phase::running) {
            out_.refuse(std::move(events), discard_reason::stage_ended);
            op.complete(nullptr, false);
            return;
        }
        line_.push_back({&op, std::move(events)});
        go_on();
    }

    void cancelled(std::uint64_t number) noexcept {
        for (auto each = line_.begin(); each != line_.end(); ++each) {
            if (each->op->number != number) continue;
            auto taken_out = std::move(*each);
            line_.erase(each);
            out_.refuse(std::move(taken_out.events), discard_reason::cancelled);
            taken_out.op->complete(aborted(), false);
            return;
        }
        if (emitting_ && emitting_->number == number) {
            out_.discard_carry(discard_reason::cancelled);
            std::exchange(emitting_, nullptr)->complete(aborted(), false);
            go_on();
        }
    }

private:
    struct place {
        emit_operation* op;
        batch<T> events;
    };

    static auto aborted() -> std::exception_ptr {
        return std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
    }

    void launch() override {}
    void drop_body() noexcept override {}

    // Emits from the front of the line as long as everything finds a taker at once, then waits.
    void go_on() noexcept {
        for (;;) {
            if (this->is_failing()) return;  // stopping() is on its way
            if (emitting_) {
                if (!out_.is_taken() && !out_.all_left()) break;
                bool const lost = out_.discard_carry(discard_reason::no_consumers) > 0;
                std::exchange(emitting_, nullptr)->complete(nullptr, !lost);
            }
            if (line_.empty()) {
                if (closing_) this->body_ended(nullptr);
                return;
            }
            auto next = std::move(line_.front());
            line_.pop_front();
            emitting_ = next.op;
            out_.begin_emit(std::move(next.events));
        }
        if (!out_.emit_wait().waiting()) out_.emit_wait().start([this](error_code) { go_on(); }, no_result());
    }

    void stopping() noexcept override {
        auto const why = this->failure() ? this->failure() : aborted();
        out_.discard_carry(discard_reason::stage_ended);
        if (emitting_) std::exchange(emitting_, nullptr)->complete(why, false);
        for (auto& each : line_) {
            out_.refuse(std::move(each.events), discard_reason::stage_ended);
            each.op->complete(why, false);
        }
        line_.clear();
        this->body_ended(nullptr);
    }

    void abandoned() noexcept override {
        auto line = std::move(line_);
        if (emitting_) std::exchange(emitting_, nullptr)->drop();
        for (auto& each : line) each.op->drop();
        stage_core::abandoned();
        fallback_ = {};
    }

    asio::any_io_executor fallback_;
    outlet_core<T> out_;
    std::atomic<std::uint64_t> numbers_ = 0;
    std::deque<place> line_;
    emit_operation* emitting_ = nullptr;
    bool closing_ = false;
};

}  // namespace sluice::detail
