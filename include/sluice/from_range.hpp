#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <optional>
#include <ranges>
#include <sluice/executor_arg.hpp>
#include <sluice/options.hpp>
#include <sluice/outlet.hpp>
#include <sluice/producer.hpp>
#include <type_traits>
#include <utility>

namespace sluice {

/// Options of from_range().
struct from_range_options {
    /// What happens when the last consumer has left. stop, as with every producer here: the stage ends normally.
    /// stay_open: it waits for the next consumer and goes on with the next element. GenStage: `:on_cancel`, where the
    /// default is to stay.
    sluice::on_last_cancel on_last_cancel = sluice::on_last_cancel::stop;
    /// Whether asks are served from the start. GenStage: `:demand`.
    demand_flow demand = demand_flow::forward;
};
static_assert(std::is_trivially_destructible_v<from_range_options>);

namespace detail {

/// Takes elements out of a range, and never touches one that nobody has asked for: an iterator moves on only when the
/// next element is wanted, because for some ranges (lines of a terminal) that is when it is read.
template <class View, bool MayMove>
class range_taker {
public:
    using element = std::ranges::range_value_t<View>;

    explicit range_taker(View view) : view_(std::move(view)) {}

    /// Up to n elements into `events`. False when there are no more, as far as that can be known without looking.
    auto take(batch<element>& events, std::size_t n) -> bool {
        for (; n > 0; --n) {
            if (!advance()) return false;
            events.push_back(current());
            --left_;
        }
        return left_ > 0;
    }

private:
    // To the next element; false at the end.
    auto advance() -> bool {
        if (!at_) {
            if constexpr (std::ranges::sized_range<View>) left_ = static_cast<std::size_t>(std::ranges::size(view_));
            at_.emplace(std::ranges::begin(view_));
        } else {
            ++*at_;
        }
        return *at_ != std::ranges::end(view_);
    }
    auto current() -> element {
        using reference = std::ranges::range_reference_t<View>;
        if constexpr (MayMove && std::is_lvalue_reference_v<reference>) {
            return element(std::ranges::iter_move(*at_));
        } else {
            return element(**at_);
        }
    }

    View view_;
    std::optional<std::ranges::iterator_t<View>> at_;
    std::size_t left_ = static_cast<std::size_t>(-1);  // as far as the range knows its size
};

/// The body of from_range(): batches of what is wanted, but no more at a time than `most`.
template <class View, bool MayMove>
auto emit_range(outlet<std::ranges::range_value_t<View>>& out, View view) -> asio::awaitable<void> {
    constexpr std::size_t most = 1024;
    range_taker<View, MayMove> elements(std::move(view));
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        bool const more = elements.take(events, std::min(*wanted, most));
        bool const taken = co_await out.emit(std::move(events));
        if (!taken || !more) co_return;
    }
}

template <class R>
using element_of = std::ranges::range_value_t<std::views::all_t<R>>;

/// The stage's own: given by std::move, and not a view of something that belongs to somebody else.
template <class R>
inline constexpr bool gives_range_away = !std::is_lvalue_reference_v<R> && !std::ranges::view<std::remove_cvref_t<R>>;

}  // namespace detail

/// A producer of the elements of a range, in order: `from_range(pool, std::views::iota(0))`. It takes them lazily, no
/// element before somebody has asked for it, and ends normally when there are no more. Any input range will do, an
/// endless one too. GenStage: `from_enumerable`.
///
/// A container that is given by name is not copied: it must live, and stay as it is, while the stage runs; its elements
/// are copied. One that is given by std::move is the stage's own, and its elements are moved out.
///
/// A range whose size is not known ends at the ask after its last element. What the range throws ends the stage. The
/// range is walked on the stage's strand, and a range that blocks (std::cin) blocks the thread: give it an executor of
/// its own.
template <std::ranges::viewable_range R, class Dispatcher = demand_dispatcher<detail::element_of<R>>>
    requires(std::ranges::input_range<R>&& dispatcher_for<Dispatcher, detail::element_of<R>>)
auto from_range(executor_arg executor, R&& range, from_range_options const& options = {}, Dispatcher dispatcher = {})
    -> producer<detail::element_of<R>> {
    using view = std::views::all_t<R>;
    constexpr bool may_move = detail::gives_range_away<R>;
    static_assert(may_move || std::is_constructible_v<detail::element_of<R>, std::ranges::range_reference_t<view>>,
                  "sluice::from_range: the elements of this range cannot be copied. Give the range by std::move, so "
                  "that the stage may move them out.");
    return producer<detail::element_of<R>>(
        executor, outlet_options{.on_last_cancel = options.on_last_cancel, .demand = options.demand},
        std::move(dispatcher), &detail::emit_range<view, may_move>, std::views::all(std::forward<R>(range)));
}

}  // namespace sluice
