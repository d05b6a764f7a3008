#include <algorithm>
#include <sluice/detail/stage_core.hpp>
#include <sluice/stage_stats.hpp>

namespace sluice {

auto to_string(activity what) noexcept -> char const* {
    switch (what) {
        case activity::not_started: return "not started";
        case activity::busy: return "busy";
        case activity::waiting_for_events: return "waits for events";
        case activity::waiting_for_demand: return "waits for demand";
        case activity::ending: return "ending";
        case activity::ended: return "ended";
    }
    return "";
}

namespace detail {
namespace {

/// Reads moments of one strand. One whose context may be gone has no present any more.
class moment_reader {
public:
    moment_reader(strand const& of, bool is_over) noexcept
        : ticks_(of.ticks_tell_time()), now_(is_over ? 0 : of.moment_now()) {}

    auto length(std::uint64_t moments) const noexcept -> std::chrono::nanoseconds {
        return environment::duration_of(moments, ticks_);
    }
    auto since(std::uint64_t moment) const noexcept -> std::chrono::nanoseconds {
        return moment == 0 || now_ <= moment ? std::chrono::nanoseconds() : length(now_ - moment);
    }
    auto total(waiting_time const* what) const noexcept -> std::chrono::nanoseconds {
        return what ? length(what->total) + since(what->since) : std::chrono::nanoseconds();
    }

private:
    bool ticks_;
    std::uint64_t now_;
};

auto waits(waiting_time const* what) noexcept -> bool { return what && what->since != 0; }

void tell_activity(stage_stats& stats, stage_numbers const& numbers, moment_reader const& time) {
    stats.doing = activity::busy;
    std::uint64_t last = 0;
    for (auto const* each : {numbers.for_takers, numbers.for_demand, numbers.for_events}) {
        if (!each) continue;
        last = std::max<std::uint64_t>(last, each->ended);
        if (!waits(each)) continue;
        stats.doing = each == numbers.for_events ? activity::waiting_for_events : activity::waiting_for_demand;
        stats.doing_for = time.since(each->since);
        return;
    }
    stats.doing_for = time.since(last);
}

}  // namespace

auto stage_core::subscriptions() const -> std::vector<link_ptr> {
    std::vector<link_ptr> links;
    for (auto const* in : inlets_) in->tell(links);
    return links;
}

auto stage_core::stats_of(link const& subscription) const -> subscription_stats {
    moment_reader const time(*this, phase_ == phase::ended);
    auto const& meter = subscription.meter;
    subscription_stats stats;
    stats.producer = static_cast<stage_core&>(subscription.producer()).name;
    stats.received = meter.received;
    stats.outstanding = meter.outstanding;
    stats.awaited = meter.awaited;
    stats.max_demand = meter.max_demand;
    stats.since_ask = time.since(meter.asked_at);
    return stats;
}

auto stage_core::stats() const -> stage_stats {
    phase const life = phase_;
    moment_reader const time(*this, life == phase::ended);
    stage_numbers numbers;
    for (auto const* in : inlets_) in->tell(numbers);
    for (auto const* out : outlets_) out->tell(numbers);

    stage_stats stats;
    stats.name = name;
    stats.events_in = numbers.events_in;
    stats.events_out = numbers.events_out;
    stats.discarded = numbers.discarded + discarded_;
    stats.lost_in_hand = numbers.lost_in_hand;
    stats.skipped = skipped;
    stats.dead_letters = dead_letters;
    stats.consumers = numbers.consumers;
    stats.demand = numbers.demand;
    stats.buffered = numbers.buffered;
    stats.most_buffered = numbers.most_buffered;
    stats.queued = numbers.queued;
    stats.most_queued = numbers.most_queued;
    stats.held_back_by = std::move(numbers.held_back_by);
    stats.times_held_back = numbers.times_held_back;
    stats.waited_for_events = time.total(numbers.for_events);
    stats.waited_for_demand = time.total(numbers.for_demand) + time.total(numbers.for_takers);
    switch (life) {
        case phase::created: stats.doing = activity::not_started; break;
        case phase::running: tell_activity(stats, numbers, time); break;
        case phase::draining: stats.doing = activity::ending; break;
        case phase::ended: stats.doing = activity::ended; break;
    }
    for (auto const& l : subscriptions()) stats.subscriptions.push_back(stats_of(*l));
    return stats;
}

}  // namespace detail
}  // namespace sluice
