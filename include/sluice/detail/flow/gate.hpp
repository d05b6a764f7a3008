#pragma once

#include <exception>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/lane.hpp>
#include <sluice/detail/flow/run.hpp>
#include <sluice/inlet.hpp>
#include <sluice/outlet.hpp>
#include <utility>

namespace sluice::detail {

/// What a gate needs not know of its events.
class SLUICE_API gate_core : public lane_core {
public:
    explicit gate_core(asio::any_io_executor const& executor)
        : lane_core(executor), ended_wait_(*this), watch_(*this) {}

    /// Runs the flow's stages; what they end with comes back here.
    void run_flow(std::vector<stage_ptr> stages);
    /// The flow has ended. From any thread.
    void flow_ended(std::exception_ptr error);

protected:
    /// Nobody draws any more.
    virtual auto all_left() const noexcept -> bool = 0;
    void watch();
    void stop_flow() noexcept {
        if (flow_) flow_->stop();
    }
    void abandoned() noexcept override;

    boost::intrusive_ptr<run_state> flow_;
    wait_slot ended_wait_;
    wait_slot watch_;
    std::exception_ptr error_;
    bool has_ended_ = false;
};

/// Between a flow and the stream that draws from it: stops the flow when the stream is closed, and ends the stream only
/// when the whole flow has ended, with the first cause, wherever in the flow that was.
template <class T>
class gate final : public gate_core {
public:
    explicit gate(asio::any_io_executor const& executor)
        : gate_core(executor), in_(*this, inlet_options()), out_(*this, outlet_options()), inlet_(in_), outlet_(out_) {
        add_end(in_);
        add_end(out_);
        out_.report_notices(watch_);
    }

    auto in() noexcept -> inlet_core<T>& { return in_; }
    auto out() noexcept -> outlet_core<T>& { return out_; }

private:
    auto run() -> asio::awaitable<void> override {
        auto const stop = core::on_exit([this] { stop_flow(); });
        watch();
        std::exception_ptr failure;
        try {
            for (;;) {
                auto events = co_await inlet_.receive();
                if (!events || !co_await outlet_.emit(std::move(*events))) break;
            }
        } catch (...) {
            failure = std::current_exception();
        }
        if (all_left() || is_stopping()) co_return;
        while (!has_ended_) co_await wait_in(ended_wait_);
        if (error_) std::rethrow_exception(error_);
        if (failure) std::rethrow_exception(failure);
    }
    void drop_body() noexcept override {}
    auto all_left() const noexcept -> bool override { return out_.all_left(); }

    inlet_core<T> in_;
    outlet_core<T> out_;
    inlet<T> inlet_;
    outlet<T> outlet_;
};

}  // namespace sluice::detail
