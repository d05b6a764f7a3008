#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <sluice/core/api.hpp>
#include <sluice/flow/bodies.hpp>
#include <sluice/options.hpp>
#include <sluice/outlet.hpp>
#include <tuple>

namespace sluice::detail {

/// The body of an interval. Throws errc::invalid_option for a period that is not more than 0.
SLUICE_API auto tick(outlet<std::uint64_t>& out, std::chrono::nanoseconds period) -> asio::awaitable<void>;
SLUICE_API void check_period(std::chrono::nanoseconds period);

}  // namespace sluice::detail

namespace sluice::flow {

/// A tick in each period, as its number: 0 when the first period has passed, then 1, and so on, without end. The times
/// are multiples of the period since the flow began to run, so that they do not drift; in a simulation they are
/// virtual.
///
/// @code
/// using namespace std::chrono_literals;
/// auto const f = flow::interval(1ms) | flow::take(3);  // 0, 1, 2, a millisecond apart
/// @endcode
///
/// A tick that comes while nobody wants it is not kept: as soon as one is wanted the newest that is due is given, and
/// those before it are left out. So whoever is slow sees that it was, by a gap in the numbers, and does not get old
/// ticks in a heap. The steps behind it, up to the next exchange, ask for one tick at a time; what stands behind an
/// exchange, and a terminal operation right behind, for 1000. Rx: `interval` with `sample`; GenStage: a timer's
/// messages in a producer that buffers one.
///
/// Runs as one stage; ends when nobody wants more, at once. Order: by number. Memory and copies: none. Throws
/// errc::invalid_option for a period that is not more than 0.
inline auto interval(std::chrono::nanoseconds period) {
    detail::check_period(period);
    using kept = detail::kept_body<decltype(&detail::tick), std::chrono::nanoseconds>;
    using origin = detail::body_origin<std::uint64_t, kept>;
    subscribe_options one_at_a_time;
    one_at_a_time.max_demand = 1;
    return pipeline<origin>(origin(kept{&detail::tick, {period}}, "interval", one_at_a_time), std::tuple<>());
}

}  // namespace sluice::flow
