#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <sluice/core/event_time.hpp>
#include <sluice/core/id_list.hpp>
#include <sluice/core/indexed_heap.hpp>
#include <sluice/core/window.hpp>
#include <sluice/core/window_options.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice::core {

/// The sessions that are open, each with the caller's `State`: for each key, events less than a gap apart.
///
/// A session is [first event, last event + gap). An event makes [time, time + gap) of its own, and what that overlaps
/// becomes one with it: so an event exactly a gap after the last one begins another session, and one between two
/// sessions may join them. Which sessions there are in the end does not depend on the order of the events, as long as
/// none is too late.
///
/// As with event_windows: `add`, then `advance` after a batch, then `next` until it answers nothing. Sessions fire in
/// the order in which the watermark makes them, over all keys; those due at the same moment in the order in which they
/// were opened. An event is too late if it joins no open session and the one it would make is closed already.
/// With lateness a session fires `watermark` when the watermark has passed its end, and is kept; a late event that
/// moves the end beyond the watermark again makes it fire `watermark` once more in its time.
///
/// O(log sessions of the key) an event, beside finding the key; and O(log all sessions) if it opens or joins any.
/// Memory: the states of open sessions, and a few words for each of the greatest number of them that there was.
/// Dataflow model, Beam: sessions, and how they merge. Flow had them taken out.
/// The callables given to a function must not call the object. One thread at a time.
template <class Key, class State, class Hash = std::hash<Key>, class Equal = std::equal_to<Key>>
class session_windows {
public:
    using clock = processing_clock;  ///< Measures late_for.

    /// Where an event went.
    struct placed {
        arrival when = arrival::too_late;  ///< whether it came in time
        window_span window;                ///< the session as it is with the event
        State* state = nullptr;            ///< until the next call; null if the event is too late
        Key const* key = nullptr;          ///< the same
    };

    /// A session that fires. The pointers are good until the next call.
    struct firing {
        window_span window;                       ///< from its first event until a gap after its last
        window_phase phase = window_phase::done;  ///< whether it fires for the last time
        Key const* key = nullptr;                 ///< whose it is
        State* state = nullptr;                   ///< after `watermark` the session keeps it as it is left
    };

    /// Throws errc::invalid_option.
    explicit session_windows(session_options const& options)
        : gap_((validate(options), options.gap)), lateness_(options.lateness), late_for_(options.late_for) {}

    session_windows(session_windows&&) = default;  ///< what was moved from can only be destroyed or assigned to
    auto operator=(session_windows&&) -> session_windows& = default;
    session_windows(session_windows const&) = delete;
    auto operator=(session_windows const&) -> session_windows& = delete;
    ~session_windows() = default;

    /// Finds or makes the session of an event, into whose state the caller then reduces it. A new one gets the state
    /// that `make(window_span)` answers. If the event joins two, `merge(State&, State&&)` puts the later one's state
    /// into the earlier one's before. What they throw comes out; if `merge` does, both sessions stay as it left them.
    template <class Make, class Merge>
    auto add(Key const& key, ticks time, Make&& make, Merge&& merge) -> placed {
        time = clamp_time(time);
        const auto found = keys_.find(key);
        if (found == keys_.end()) return open(key, nullptr, time, make);
        auto& of_key = found->second;
        const auto after = of_key.upper_bound(time);
        const bool joins_after = after != of_key.end() && after->first - time < gap_;
        const auto before = after == of_key.begin() ? of_key.end() : std::prev(after);
        const bool joins_before = before != of_key.end() && time < before->second.end;
        if (joins_before && joins_after) return join(before, after, merge);
        if (joins_before) return extend(before, time);
        if (joins_after) return begin_earlier(of_key, after, time);
        return open(key, &*found, time, make);
    }

    /// As in event_windows.
    void advance(ticks watermark, clock::time_point now) {
        const bool was_ended = watermark_ == end_of_time;
        watermark_ = std::max(watermark_, clamp_watermark(watermark));
        now_ = now;
        if (watermark_ != end_of_time || was_ended) return;
        for (auto id = kept_.first(); id != id_list::none; id = kept_.after(id)) heap_.update(id, due(*by_id_[id]));
    }

    /// As in event_windows. O(n log n).
    void close_all(clock::time_point now) {
        advance(latest_end(), now);
        lets_go_ = !heap_.empty();
    }

    /// The next session that fires, or nothing, until `advance` is called again. After `end_of_time` all are `done`, in
    /// the order in which they end.
    auto next() -> std::optional<firing> {
        leaving_ = {};
        leaving_key_ = {};
        if (const auto oldest = kept_.first();
            oldest != id_list::none && (lets_go_ || is_expired(by_id_[oldest]->second)))
            return finish(by_id_[oldest]);
        while (!heap_.empty() && heap_.top().key.at <= watermark_) {
            const auto [key, id] = heap_.top();
            const auto first = by_id_[id];
            const auto actual = due(*first);
            if (key < actual) {
                heap_.update(id, actual);
            } else if (lateness_ == 0 || watermark_ == end_of_time || first->second.is_kept) {
                return finish(first);
            } else {
                first->second.is_kept = true;
                keep(first);
                return firing{span(*first), window_phase::watermark, &first->second.owner->first, &first->second.state};
            }
        }
        lets_go_ = false;
        return std::nullopt;
    }

    /// Visits all open sessions, in the order in which they end: `use(Key const&, window_span, State&)`.
    /// O(n log n).
    template <class Use>
    void visit(Use&& use) {
        auto all = heap_.sorted();
        for (auto& [key, id] : all) key = {by_id_[id]->second.end, by_id_[id]->second.number};
        std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.key < b.key; });
        for (auto const& each : all) {
            auto& one = *by_id_[each.id];
            use(one.second.owner->first, span(one), one.second.state);
        }
    }

    /// As in event_windows.
    auto next_expiry() const noexcept -> std::optional<clock::time_point> {
        const auto oldest = kept_.first();
        if (late_for_ == forever || oldest == id_list::none) return std::nullopt;
        const auto since = by_id_[oldest]->second.passed_at;
        return since > clock::time_point::max() - late_for_ ? clock::time_point::max() : since + late_for_;
    }

    /// The watermark that passes all sessions that are open; `before_all` if none is. O(n log n).
    auto latest_end() const -> ticks {
        auto latest = before_all;
        for (auto const& each : heap_.sorted()) latest = std::max(latest, by_id_[each.id]->second.end);
        return latest;
    }

    /// How many sessions are open or kept.
    auto open_sessions() const noexcept -> std::size_t { return heap_.size(); }
    /// How many keys have open sessions.
    auto open_keys() const noexcept -> std::size_t { return keys_.size(); }

private:
    struct session;
    using owner_type = std::pair<Key const, std::map<ticks, session>>;

    struct session {
        owner_type* owner;
        ticks end;
        subscriber_id id;
        std::uint64_t number;         // sessions are numbered as they are opened
        bool is_kept;                 // the watermark has passed it, and it has fired for that
        clock::time_point passed_at;  // when
        State state;
    };

    using sessions = std::map<ticks, session>;  // by start
    using place = typename sessions::iterator;
    using keys = std::unordered_map<Key, sessions, Hash, Equal>;

    /// When a session fires next. In the heap it may stand earlier than it is, for events move the end; it is put right
    /// when it comes up.
    struct moment {
        ticks at;
        std::uint64_t number;
        friend auto operator<=>(moment const&, moment const&) = default;
    };

    static auto span(typename sessions::value_type const& each) -> window_span { return {each.first, each.second.end}; }

    auto due(typename sessions::value_type const& each) const noexcept -> moment {
        const bool waits = each.second.is_kept && watermark_ != end_of_time;
        return {waits ? each.second.end + lateness_ : each.second.end, each.second.number};
    }

    auto is_expired(session const& each) const noexcept -> bool {
        return late_for_ != forever && now_ - each.passed_at >= late_for_;
    }

    auto answer(place at) const noexcept -> placed {
        return {at->second.is_kept ? arrival::late : arrival::on_time, span(*at), &at->second.state,
                &at->second.owner->first};
    }

    template <class Make>
    auto open(Key const& key, owner_type* owner, ticks time, Make& make) -> placed {
        const auto window = window_span{time, time + gap_};
        const bool is_late = window.end <= watermark_;
        if (is_late && (watermark_ == end_of_time || window.end + lateness_ <= watermark_)) return {};
        auto state = make(window);
        if (owner == nullptr) owner = &*keys_.try_emplace(key).first;
        const auto id = free_id();
        const auto at =
            owner->second.emplace(time, session{owner, window.end, id, opened_++, is_late, now_, std::move(state)})
                .first;
        by_id_[id] = at;
        heap_.insert(id, due(*at));
        if (is_late) kept_.push_back(id);
        return answer(at);
    }

    auto extend(place at, ticks time) -> placed {
        at->second.end = std::max(at->second.end, time + gap_);
        settle(at);
        return answer(at);
    }

    auto begin_earlier(sessions& all, place at, ticks time) -> placed {
        auto node = all.extract(at);
        node.key() = time;
        const auto moved = all.insert(std::move(node)).position;
        by_id_[moved->second.id] = moved;
        settle(moved);
        return answer(moved);
    }

    template <class Merge>
    auto join(place before, place after, Merge& merge) -> placed {
        merge(before->second.state, std::move(after->second.state));
        before->second.end = after->second.end;  // the event lies before the later one's last
        if (before->second.is_kept && !after->second.is_kept) release(before);
        auto& all = before->second.owner->second;
        forget(after->second.id);
        all.erase(after);
        settle(before);
        return answer(before);
    }

    /// Its end may have moved.
    void settle(place at) noexcept {
        if (at->second.is_kept && at->second.end > watermark_) release(at);
        if (const auto actual = due(*at); actual < heap_.key(at->second.id)) heap_.update(at->second.id, actual);
    }

    void keep(place at) {
        at->second.passed_at = now_;
        kept_.push_back(at->second.id);
        heap_.update(at->second.id, due(*at));
    }

    void release(place at) noexcept {
        at->second.is_kept = false;
        kept_.erase(at->second.id);
    }

    void forget(subscriber_id id) noexcept {
        heap_.erase(id);
        if (kept_.contains(id)) kept_.erase(id);
        free_.push_back(id);
    }

    auto finish(place at) -> firing {
        auto& owner = *at->second.owner;
        forget(at->second.id);
        leaving_ = owner.second.extract(at);
        const auto window = window_span{leaving_.key(), leaving_.mapped().end};
        if (owner.second.empty()) leaving_key_ = keys_.extract(keys_.find(owner.first));
        return {window, window_phase::done, &owner.first, &leaving_.mapped().state};
    }

    auto free_id() -> subscriber_id {
        if (free_.empty()) {
            free_.reserve(by_id_.size() + 1);
            by_id_.emplace_back();
            return static_cast<subscriber_id>(by_id_.size() - 1);
        }
        const auto id = free_.back();
        free_.pop_back();
        return id;
    }

    keys keys_;
    std::vector<place> by_id_;
    std::vector<subscriber_id> free_;
    indexed_heap<moment> heap_;
    id_list kept_;  // for late events, in the order in which the watermark passed them
    typename sessions::node_type leaving_;
    typename keys::node_type leaving_key_;
    std::uint64_t opened_ = 0;
    ticks watermark_ = before_all;
    clock::time_point now_;
    bool lets_go_ = false;  // of what is kept for late events
    ticks gap_;
    ticks lateness_;
    clock::duration late_for_;
};

}  // namespace sluice::core
