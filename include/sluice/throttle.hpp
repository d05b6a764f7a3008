#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <sluice/core/api.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/stages/ready_stage.hpp>
#include <sluice/from.hpp>
#include <sluice/inlet.hpp>
#include <sluice/outlet.hpp>
#include <type_traits>
#include <utility>

namespace sluice {

/// Options of throttle().
struct throttle_options {
    /// How many events may pass in any interval of length `per`. At least 1.
    std::size_t events = 1000;
    /// The length of that interval. More than 0.
    std::chrono::nanoseconds per = std::chrono::seconds(1);
};
static_assert(std::is_trivially_destructible_v<throttle_options>);

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(throttle_options const& options);

namespace detail {

/// Which events have passed of late, and so how many more may, and when. No interval of length `per` sees more than so
/// many, wherever it begins.
class pace_keeper {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit pace_keeper(throttle_options const& options) : options_(options) {}

    /// How many may pass now.
    auto allowed(time_point now) -> std::size_t {
        while (!passed_.empty() && passed_.front().when <= now - options_.per) {
            count_ -= passed_.front().events;
            passed_.pop_front();
        }
        return options_.events - count_;
    }
    void pass(time_point now, std::size_t events) {
        passed_.push_back({now, events});
        count_ += events;
    }
    /// When more may pass; allowed() was 0.
    auto next() const -> time_point { return passed_.front().when + options_.per; }

private:
    struct group {
        time_point when;
        std::size_t events;
    };
    throttle_options options_;
    std::deque<group> passed_;  // never more than `events` of them
    std::size_t count_ = 0;
};

template <class T>
auto keep_pace(inlet<T>& in, outlet<T>& out, throttle_options options) -> asio::awaitable<void> {
    pace_keeper pace(options);
    while (auto events = co_await in.receive()) {
        auto next = events->begin();
        auto const unless_emitted = core::on_exit([&] { discard_rest(out, next, events->end()); });
        while (next != events->end()) {
            auto const now = in.now();
            auto const left = static_cast<std::size_t>(events->end() - next);
            auto const n = std::min(pace.allowed(now), left);
            if (n == 0) {
                co_await in.pause_until(pace.next());
                continue;
            }
            pace.pass(now, n);
            auto part = out.make_batch();
            for (std::size_t i = 0; i < n; ++i, ++next) part.push_back(std::move(*next));
            const bool taken = co_await out.emit(std::move(part));
            if (!taken) co_return;
        }
    }
}

}  // namespace detail

/// A stage that lets no more than so many events pass in any interval: `throttle(pool, from(lines), {.events = 100,
/// .per = 1s})`. It drops nothing and holds nothing but what it has asked for: it asks no faster than events may pass,
/// so that whoever is upstream goes at that pace too. GenStage: the rate limiter of its documentation.
///
/// max_demand of its subscriptions is lowered to `events`, and min_demand is 0: it asks anew when all it had asked for
/// has passed; `adaptive` is refused. Several subscriptions share the pace. Events keep their order. Throws
/// errc::invalid_option.
template <class T>
auto throttle(executor_arg executor, sources<T> const& from, throttle_options const& options)
    -> producer_consumer<T, T> {
    validate(options);
    auto const lower = [most = options.events](subscribe_options& terms) {
        if (terms.is_adaptive()) {
            detail::throw_invalid_option(
                "subscribe_options::adaptive must not be given for a throttle: events are to wait there");
        }
        terms.max_demand = std::min(terms.max_demand, most);
        terms.min_demand = 0;
    };
    return detail::make_ready_stage<T>(executor, from, stage_options(), lower, &detail::keep_pace<T>, options);
}
/// The same for one source.
template <class T>
auto throttle(executor_arg executor, source<T> const& from, throttle_options const& options)
    -> producer_consumer<T, T> {
    return throttle<T>(executor, sources<T>(from), options);
}
/// @cond
/// Says that sluice::from is missing.
template <emitter Stage>
auto throttle(executor_arg, Stage const&, throttle_options const&) {
    return detail::refuse_sources<typename Stage::event_type, Stage>();
}
/// @endcond

}  // namespace sluice
