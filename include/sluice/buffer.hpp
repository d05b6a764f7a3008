#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <sluice/core/api.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/stages/ready_stage.hpp>
#include <sluice/from.hpp>
#include <sluice/inlet.hpp>
#include <sluice/outlet.hpp>
#include <type_traits>
#include <utility>

namespace sluice {

/// What a full buffer() does.
enum class when_full {
    hold_back,   ///< It asks for no more until there is room: nothing is lost.
    keep_first,  ///< It discards what comes, visibly.
    keep_last,   ///< It discards what has waited longest, visibly.
};

/// Options of buffer().
struct buffer_options {
    /// How many events it holds at most. At least 1.
    std::size_t size = 10'000;
    /// What it does with events that come when it holds that many.
    sluice::when_full when_full = sluice::when_full::hold_back;
};
static_assert(std::is_trivially_destructible_v<buffer_options>);

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(buffer_options const& options);

namespace detail {

template <class T>
auto hold_back(inlet<T>& in, outlet<T>& out, std::size_t size) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        auto next = events->begin();
        auto const unless_pushed = core::on_exit([&] { discard_rest(out, next, events->end()); });
        while (next != events->end()) {
            auto const room = co_await out.room(size);
            if (!room) co_return;
            auto part = out.make_batch();
            for (auto n = *room; n > 0 && next != events->end(); --n, ++next) part.push_back(std::move(*next));
            out.push(std::move(part));
        }
    }
}

template <class T>
auto keep_some(inlet<T>& in, outlet<T>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) out.push(std::move(*events));
}

}  // namespace detail

/// A stage that rides out spikes: `buffer(pool, from(lines), {.size = 50'000})` takes events in before anybody wants
/// them, at most so many, and hands them on as they are asked for. A full one holds its producers back, or discards, as
/// the options say; on_discard_out sees what is discarded, and stats() counts it. Events keep their order.
///
/// It holds at most `size` events besides its max_demand. When its producers have ended it ends once it is empty.
/// Throws errc::invalid_option.
template <class T>
auto buffer(executor_arg executor, sources<T> const& from, buffer_options const& options) -> producer_consumer<T, T> {
    validate(options);
    stage_options ends;
    ends.out.buffer_size = options.size;
    ends.out.buffer_keep = options.when_full == when_full::keep_first ? buffer_keep::first : buffer_keep::last;
    if (options.when_full == when_full::hold_back) {
        return detail::make_ready_stage<T>(executor, from, ends, detail::same_terms, &detail::hold_back<T>,
                                           options.size);
    }
    return detail::make_ready_stage<T>(executor, from, ends, detail::same_terms, &detail::keep_some<T>);
}
/// The same for one source.
template <class T>
auto buffer(executor_arg executor, source<T> const& from, buffer_options const& options) -> producer_consumer<T, T> {
    return buffer<T>(executor, sources<T>(from), options);
}
/// @cond
/// Says that sluice::from is missing.
template <emitter Stage>
auto buffer(executor_arg, Stage const&, buffer_options const&) {
    return detail::refuse_sources<typename Stage::event_type, Stage>();
}
/// @endcond

}  // namespace sluice
