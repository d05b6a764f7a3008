#include <boost/asio/this_coro.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/flow/lane.hpp>

namespace sluice::detail {

void ways_out::open() {
    places_.resize(all_.size());
    for (std::size_t i = 0; i < all_.size(); ++i) places_[i] = renew(i);
}

auto ways_out::pick(bool any) noexcept -> way_out* {
    picked_ = find(0, any ? 1 : batch_size_);
    if (picked_ < all_.size()) return all_[picked_].get();
    is_full_ = false;
    return nullptr;
}

auto ways_out::all_left() const noexcept -> bool {
    for (auto const& each : all_) {
        if (!each->has_left()) return false;
    }
    return !all_.empty();
}

void ways_out::discard(discard_reason why) noexcept {
    for (auto const& each : all_) each->discard(why);
}

auto lane_core::run() -> asio::awaitable<void> {
    auto const drop = core::on_exit([this] { drop_body(); });
    auto const discard_rest = core::on_exit([this] {
        bool const unwanted = out_ && out_->all_left() && !is_stopping();
        if (out_) out_->discard(unwanted ? discard_reason::no_consumers : discard_reason::stage_ended);
    });
    pace p(world());
    bool finishing = false;
    if (out_) out_->open();
    for (;;) {
        while (held_) {
            co_await wait_in(rest_wait_);
            check_running();
        }
        if (is_winding_down() && !in_) finishing = true;
        p.begin();
        auto const live = in_ ? in_->live() : 0;  // as the steps see it
        auto const came_to = work_->pump(p, finishing);
        bool const everything = came_to == pumped::ended ||
                                (came_to == pumped::dry && (!in_ || in_->poll() == inlet_state::waiting)) ||
                                p.was_slow() || p.clearing_is_due();
        if (out_ && (out_->is_full() || everything)) {
            while (auto* to = out_->pick(everything)) {
                // As outlet::emit, without a frame for each batch.
                if (is_stopping()) {
                    to->discard(discard_reason::stage_ended);
                    throw_aborted();
                }
                {
                    if (!to->has_left()) to->emit();
                    auto const unless_taken = core::on_exit([to] { to->discard(discard_reason::cancelled); });
                    bool suspend = !take_operation();
                    for (;;) {
                        bool const is_done = to->has_left() || to->is_taken();
                        if (is_done && !suspend) break;
                        co_await wait_in(to->emit_wait(), is_done);
                        check_running();
                        suspend = false;
                    }
                    if (to->has_left()) to->discard(discard_reason::no_consumers);
                }
                out_->renew();
            }
        }
        if (came_to == pumped::ended) co_return;
        bool const may_block = came_to == pumped::dry && !in_;  // a source: what it has given should be on its way
        if (may_block || p.rest_is_due()) {
            co_await rest();
            p.rested();
            check_running();
        }
        if (out_ && out_->all_left()) co_return;
        if (!in_ || came_to != pumped::dry) continue;
        // As inlet::receive, without a frame for each batch.
        in_->acknowledge();
        bool suspend = !take_operation();
        for (;;) {
            auto const state = in_->poll();
            if (state == inlet_state::stopping) throw_aborted();
            if (state != inlet_state::waiting && !suspend) {
                if (state == inlet_state::failed) std::rethrow_exception(in_->doom());
                if (state == inlet_state::ready) take();
                finishing = state == inlet_state::ended;
                break;
            }
            bool const has_lost = in_->live() != live;  // those who go by their upstreams hear of it
            if (has_lost && !suspend) break;
            if (auto const when = work_->deadline(); when && (!alarm_at_ || *when < *alarm_at_)) {
                in_->deadline().set(*when);
                alarm_at_ = when;
            }
            co_await wait_in(in_->receive_wait(), has_lost || state != inlet_state::waiting);
            if (out_ && out_->all_left()) co_return;
            if (in_->deadline().has_passed()) {
                in_->deadline().clear();
                alarm_at_.reset();
                break;
            }
            suspend = false;
        }
    }
}

auto lane_core::run_body() -> asio::awaitable<void> {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    body_begins(cancellation.slot());
    co_await run();
}

void lane_core::launch() { spawn_body(run_body()); }

void lane_core::wind_down() noexcept {
    stage_core::wind_down();
    rest_wait_.wake();
}

void lane_core::hold(bool holds) noexcept {
    if (out_) return stage_core::hold(holds);
    held_ = holds;
    rest_wait_.wake();
}

void lane_core::abandoned() noexcept {
    stage_core::abandoned();
    rest_wait_.drop();
}

}  // namespace sluice::detail
