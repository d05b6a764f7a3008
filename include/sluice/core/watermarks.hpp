#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <optional>
#include <sluice/core/event_time.hpp>
#include <sluice/core/id_list.hpp>
#include <sluice/core/indexed_heap.hpp>
#include <sluice/core/window_options.hpp>
#include <vector>

namespace sluice::core {

/// How far event time has come, over several upstreams: each says how far its own has, and the least of those counts.
///
/// A watermark of w says: no event before w is expected any more; one at w is. An upstream whose events come in order
/// is at the time of its newest event; one whose events are out of order by at most d is at that less d. To do as Flow
/// does, tell the greatest time of a batch when the batch has been worked off: then events that are out of order within
/// a batch are not late.
///
/// Upstreams that have finished, or that have been silent for the idle timeout, do not count. If none counts, the
/// greatest time that anyone ever said does: nobody holds it back. The combined watermark never goes back, whoever
/// speaks again or joins.
///
/// Flow: `Flow.Window.fixed` closes a window when every producer has sent an event of a later one, and waits for ever
/// for one that is idle. Dataflow model and Flink: watermarks, idleness.
/// O(log upstreams) a call, O(1) amortised where the upstream that speaks is not the last one. One thread at a time.
class watermarks {
public:
    using clock = processing_clock;  ///< Measures idleness.

    /// Throws errc::invalid_option.
    explicit watermarks(watermark_options const& options = {}) : idle_timeout_(options.idle_timeout) {
        validate(options);
    }

    /// A new upstream, which holds all others back until it speaks, or has been silent for the idle timeout from now
    /// on. Ids are dense, and those of finished ones are given again. Throws std::bad_alloc; the object is of no use
    /// then.
    auto add(clock::time_point now) -> subscriber_id {
        const auto id = free_.empty() ? static_cast<subscriber_id>(upstreams_.size()) : free_.back();
        if (free_.empty()) {
            free_.reserve(upstreams_.size() + 1);
            upstreams_.emplace_back();
        } else {
            free_.pop_back();
        }
        upstreams_[id] = {before_all, now, true};
        hold(id);
        ++live_;
        return id;
    }

    /// The upstream says that no event before `time` is to be expected from it; `end_of_time`: none at all. Less than
    /// it said before changes nothing but that it is not silent.
    void advance(subscriber_id id, ticks time, clock::time_point now) {
        auto& from = at(id);
        from.said = std::max(from.said, clamp_watermark(time));
        from.spoke = now;
        greatest_ = std::max(greatest_, from.said);
        if (active_.contains(id)) {
            active_.update(id, from.said);
            silence_.erase(id);
            silence_.push_back(id);
        } else {
            hold(id);
        }
        combine();
    }

    /// The upstream is not silent, but has nothing to say of event time: a batch without events, for instance.
    void touch(subscriber_id id, clock::time_point now) { advance(id, before_all, now); }

    /// The upstream has ended and no longer counts. Its id may be given to another one.
    void finish(subscriber_id id) {
        at(id).live = false;
        release(id);
        free_.push_back(id);
        --live_;
        combine();
    }

    /// Lets go of upstreams that have been silent for the idle timeout. True if the combined watermark has advanced by
    /// it. Call it when nothing waits to be received: a stage that was busy must not take its upstreams for silent.
    auto expire(clock::time_point now) -> bool {
        const auto before = combined_;
        while (const auto due = next_expiry()) {
            if (*due > now) break;
            release(silence_.first());
        }
        combine();
        return combined_ != before;
    }

    /// When `expire` should be called next, if no upstream speaks until then; nullopt: it need not be.
    auto next_expiry() const noexcept -> std::optional<clock::time_point> {
        const auto first = silence_.first();
        if (idle_timeout_ == forever || first == id_list::none) return std::nullopt;
        return saturating_after(upstreams_[first].spoke);
    }

    /// The least watermark of those that count; `before_all` as long as one of them has said nothing.
    auto combined() const noexcept -> ticks { return combined_; }

    /// How many have not finished. When none is left, and none will join, pass `end_of_time` on to the windows.
    auto live() const noexcept -> std::size_t { return live_; }
    /// Whether an upstream that was added is waited for no longer, because it is idle.
    auto is_idle(subscriber_id id) const noexcept -> bool { return upstreams_[id].live && !active_.contains(id); }
    /// Nobody has spoken for the idle timeout. Then the caller may take what is open for complete: it advances the
    /// windows to their latest_end.
    auto all_idle() const noexcept -> bool { return live_ > 0 && active_.empty(); }
    /// What this one has said last.
    auto of(subscriber_id id) const noexcept -> ticks { return upstreams_[id].said; }

private:
    struct upstream {
        ticks said = before_all;
        clock::time_point spoke;
        bool live = false;
    };

    auto at(subscriber_id id) noexcept -> upstream& {
        assert(id < upstreams_.size() && upstreams_[id].live);
        return upstreams_[id];
    }

    auto saturating_after(clock::time_point time) const noexcept -> clock::time_point {
        return time > clock::time_point::max() - idle_timeout_ ? clock::time_point::max() : time + idle_timeout_;
    }

    void hold(subscriber_id id) {
        active_.insert(id, upstreams_[id].said);
        silence_.push_back(id);
    }

    void release(subscriber_id id) noexcept {
        if (!active_.contains(id)) return;
        active_.erase(id);
        silence_.erase(id);
    }

    void combine() noexcept { combined_ = std::max(combined_, active_.empty() ? greatest_ : active_.top().key); }

    std::vector<upstream> upstreams_;
    std::vector<subscriber_id> free_;
    indexed_heap<ticks> active_;  // those that count, by what they said
    id_list silence_;             // the same, the one that has been silent longest first
    std::size_t live_ = 0;
    ticks greatest_ = before_all;
    ticks combined_ = before_all;
    clock::duration idle_timeout_;
};

}  // namespace sluice::core
