#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/core/event_buffer.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/outlet_dispatch.hpp>
#include <sluice/discard.hpp>
#include <sluice/options.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// The part of an outlet that keeps what has found no taker: the batch of an emit that waits, and what was pushed; with
/// the visits that stand behind them.
template <class T>
class outlet_backlog : public outlet_dispatch<T> {
public:
    /// Something waits for a taker, so that emit() has to wait.
    auto has_backlog() const noexcept -> bool {
        return again_ || carry_ || chunk_ || buffer_.size() > 0 || held_.size() > 0 || !this->redelivery_.empty();
    }
    auto backlog() const noexcept -> std::size_t {
        auto const size = [](block<T> const* b) { return b ? b->size() : 0; };
        return size(again_) + size(carry_) + size(chunk_) + buffer_.size() + held_.size() + this->redelivery_.size();
    }

    /// Another batch, or what was pushed, goes out before one that is emitted now.
    auto is_in_line() const noexcept -> bool { return carry_ || chunk_ || buffer_.size() > 0; }

    /// Events that wait for a taker, in the stage or in its dispatcher. GenStage: `estimate_buffered_count`.
    auto buffered() const noexcept -> std::size_t { return backlog() + this->dispatcher_->queued(); }

    auto make_batch() -> batch<T> {
        auto* fresh = this->writer_.take_block();
        if (fresh->events.capacity() == 0)
            fresh->events.reserve(std::min<std::size_t>(std::max<std::size_t>(this->wanted(), 1), 1024));
        return batch_access<T>::adopt(fresh);
    }

protected:
    outlet_backlog(stage_core& owner, outlet_options const& options, std::unique_ptr<any_dispatcher<T>> dispatcher)
        : outlet_dispatch<T>(owner, options, std::move(dispatcher)),
          buffer_(options.buffer_size, options.buffer_keep),
          held_(options.buffer_size, options.buffer_keep) {}
    ~outlet_backlog() = default;

    void pass_visit(std::uint64_t number) {
        if (!this->dispatcher_->hold_info(number)) this->run_visit(number);
    }
    void pass_visits(std::vector<std::uint64_t> const& due) {
        if (carry_ || chunk_ || again_ || !this->redelivery_.empty()) {
            this->hold_visits(due);
        } else {
            this->writer_.turn_ends();  // so that who hears of it from another thread finds the events sent
            for (auto const number : due) pass_visit(number);
        }
    }

    void pass_those_behind() {
        if (!this->behind_carry_.empty()) pass_visits(this->take_held_visits());
    }

    /// They have gone, and the visits behind them with them: to what waits before the dispatcher, if anything does.
    void take_from_buffer(std::size_t n) noexcept {
        this->guard([&] {
            auto const due = buffer_.pop(n);
            if (due.empty()) return;
            if (this->dispatcher_->plain) {
                pass_visits(due);
            } else {  // chunk_ is about to be made of them
                this->hold_visits(due);
            }
        });
    }

    /// Visits whose events were dropped. Of those that are held, what is in the buffer still goes before.
    void pass_displaced(std::vector<std::uint64_t> const& visits, bool held) {
        if (!held) return pass_visits(visits);
        for (auto const each : visits) {
            if (!buffer_.store_info(each)) pass_visits({each});
        }
    }

    /// What is not handed out of a batch that was pushed goes to the buffer; while asks accumulate, all of it is held.
    void store(batch<T> rest) { store(std::move(rest), buffer_); }
    void hold(batch<T> events) { store(std::move(events), held_); }
    void store(batch<T> rest, core::event_buffer<T, std::uint64_t>& into) {
        if (rest.empty()) return;
        batch<T> dropped;
        auto const there_were = into.size() + rest.size();
        try {
            auto const stored = into.store(batch_access<T>::peek(rest)->rest(),
                                           [&dropped](T&& event) { dropped.push_back(std::move(event)); });
            pass_displaced(stored.infos, &into == &held_);
        } catch (...) {  // an event whose move throws is in no place where it could be shown
            this->owner_->fail(std::current_exception());
            this->note_discarded(there_were - into.size() - dropped.size(), to_string(discard_reason::failed));
            this->discard(std::move(dropped), discard_reason::buffer_full);
            throw;
        }
        note_buffered();
        this->discard(std::move(dropped), discard_reason::buffer_full);
    }
    void note_buffered() noexcept {
        if (this->dispatcher_->plain) {
            this->buffered_ = backlog();
        } else {
            this->buffered_ = buffered();
            this->note_full_part(this->dispatcher_->full_part().value_or(this->no_part));
        }
    }

    /// What the buffer and the dispatcher still hold when the stage has ended. An event whose move throws is counted.
    void discard_kept() noexcept {
        this->guard([&] {
            while (take_again()) {
                this->discard(batch_access<T>::adopt(std::exchange(again_, nullptr)), discard_reason::stage_ended);
            }
        });
        batch<T> left;
        std::size_t lost = 0;
        auto keep = [&](T&& event) {
            try {
                left.push_back(std::move(event));
            } catch (...) {
                ++lost;
                this->owner_->fail(std::current_exception());
            }
        };
        this->guard([&] { buffer_.clear(keep); });
        this->guard([&] { held_.clear(keep); });
        this->guard([&] { this->dispatcher_->clear(event_sink<T>::of(keep)); });
        note_buffered();
        this->note_lost(lost);
        this->discard(std::move(left), discard_reason::stage_ended);
    }

    /// The oldest batch that is to be sent again goes to its place. false: there is none.
    auto take_again() noexcept -> bool {
        if (!again_) again_ = static_cast<block<T>*>(this->redelivery_.pop());
        return again_ != nullptr;
    }

    block<T>* again_ = nullptr;                    // a batch that is sent again, before all else
    block<T>* carry_ = nullptr;                    // the batch of an emit that waits for takers
    block<T>* chunk_ = nullptr;                    // the oldest of the buffer, where they need a batch of their own
    core::event_buffer<T, std::uint64_t> buffer_;  // events pushed without demand
    core::event_buffer<T, std::uint64_t> held_;    // those pushed while asks accumulate; the dispatcher was not told
    bool carry_untold_ = false;                    // nor of the batch of an emit that waits meanwhile
};

}  // namespace sluice::detail
