#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <sluice/core/api.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/stages/ready_stage.hpp>
#include <sluice/from.hpp>
#include <sluice/inlet.hpp>
#include <sluice/outlet.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

/// Options of batcher().
struct batcher_options {
    /// How many events make a full group. At least 1.
    std::size_t size = 100;
    /// How heavy a group may be, in the unit of the function that batcher() is given, bytes for instance; 0: no bound.
    /// An event that would make it heavier begins the next one. One that is heavier by itself goes alone.
    std::size_t max_weight = 0;
    /// How long the first event of a group waits for others. More than 0; the maximum: for ever.
    std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max();
};
static_assert(std::is_trivially_destructible_v<batcher_options>);

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(batcher_options const& options);

namespace detail {

/// The same, and that there is a function for max_weight.
SLUICE_API void validate(batcher_options const& options, bool weighs);

/// How heavy an event is.
template <class T>
using weight_of = std::function<std::size_t(T const&)>;

template <class T>
class group_maker {
public:
    using clock = environment::clock;

    group_maker(inlet<T>& in, outlet<std::vector<T>>& out, batcher_options const& options, weight_of<T> weigh)
        : in_(&in), out_(&out), options_(options), weigh_(std::move(weigh)) {}

    auto run() -> asio::awaitable<void> {
        // What is left when the stage fails or is stopped is discarded where it can be seen.
        auto const unless_emitted = core::on_exit([this] {
            if (!group_.empty()) discard_rest(*out_, &group_, &group_ + 1);
        });
        for (;;) {
            auto waiting = next();
            auto events = co_await std::move(waiting);
            if (!events) break;
            if (events->empty()) {
                const bool taken = co_await emit();
                if (!taken) co_return;
            }
            for (T& event : *events) {
                auto const weight = options_.max_weight > 0 ? weigh_(std::as_const(event)) : 0;
                if (weight > options_.max_weight - weight_ && !group_.empty()) {
                    const bool taken = co_await emit();
                    if (!taken) co_return;
                }
                if (group_.empty()) begin();
                group_.push_back(std::move(event));
                weight_ += weight;
                if (!is_full()) continue;
                const bool taken = co_await emit();
                if (!taken) co_return;
            }
        }
        if (!group_.empty()) co_await emit();
    }

private:
    /// Empty when the time for the present group is up.
    auto next() -> asio::awaitable<receive_result<batch<T>>> {
        if (group_.empty()) return in_->receive();
        return in_->receive_until(deadline_);
    }
    void begin() {
        auto const now = in_->now();
        bool const ends = options_.timeout < clock::time_point::max() - now;
        deadline_ = ends ? now + options_.timeout : clock::time_point::max();
        group_.reserve(options_.max_weight > 0 ? std::min(options_.size, last_size_) : options_.size);
    }
    auto is_full() const noexcept -> bool {
        return group_.size() >= options_.size || (options_.max_weight > 0 && weight_ >= options_.max_weight);
    }
    auto emit() {
        last_size_ = group_.size();
        weight_ = 0;
        return out_->emit(std::exchange(group_, {}));
    }

    inlet<T>* in_;
    outlet<std::vector<T>>* out_;
    batcher_options options_;
    weight_of<T> weigh_;
    std::vector<T> group_;
    std::size_t weight_ = 0;  // of the group
    std::size_t last_size_ = 0;
    clock::time_point deadline_;
};

template <class T>
auto make_groups(inlet<T>& in, outlet<std::vector<T>>& out, batcher_options options, weight_of<T> weigh)
    -> asio::awaitable<void> {
    group_maker<T> maker(in, out, options, std::move(weigh));
    co_await maker.run();
}

template <class T>
auto make_batcher(executor_arg executor, sources<T> const& from, batcher_options const& options, weight_of<T> weigh)
    -> producer_consumer<T, std::vector<T>> {
    validate(options, weigh != nullptr);
    return make_ready_stage<std::vector<T>>(executor, from, stage_options(), same_terms, &make_groups<T>, options,
                                            std::move(weigh));
}

}  // namespace detail

/// A stage that gathers events: `batcher(pool, from(rows), {.size = 500, .timeout = 50ms})` emits std::vector<T> of
/// `size` events, or of fewer when `timeout` is over since the first of them has come, or when its producers have
/// ended. What it emits counts as one event for its consumers' demand.
///
/// One that is fed later, with async_subscribe or by flow::into, says what it gathers: `batcher<row>(pool, {}, {.size =
/// 500})`.
///
/// It holds at most `size` events besides its max_demand. Events keep their order. Throws errc::invalid_option.
/// Broadway: a batcher with batch_size and batch_timeout.
template <class T>
auto batcher(executor_arg executor, sources<T> const& from, batcher_options const& options)
    -> producer_consumer<T, std::vector<T>> {
    return detail::make_batcher<T>(executor, from, options, nullptr);
}
/// The same for one source.
template <class T>
auto batcher(executor_arg executor, source<T> const& from, batcher_options const& options)
    -> producer_consumer<T, std::vector<T>> {
    return detail::make_batcher<T>(executor, sources<T>(from), options, nullptr);
}

/// The same with a bound by weight, which is what `weigh(event)` gives, as std::size_t:
/// `batcher(pool, from(pages), {.size = 500, .max_weight = 64'000, .timeout = 50ms}, &page::size)`. It is called once
/// for each event, on the stage's strand; if it throws, the stage fails.
template <class T, class Weigh>
auto batcher(executor_arg executor, sources<T> const& from, batcher_options const& options, Weigh weigh)
    -> producer_consumer<T, std::vector<T>> {
    static_assert(std::is_invocable_r_v<std::size_t, Weigh&, T const&>,
                  "sluice::batcher(..., f): f must be callable as std::size_t(T const&), where T is the type of the "
                  "events");
    return detail::make_batcher<T>(executor, from, options, std::move(weigh));
}
/// The same for one source.
template <class T, class Weigh>
auto batcher(executor_arg executor, source<T> const& from, batcher_options const& options, Weigh weigh)
    -> producer_consumer<T, std::vector<T>> {
    return batcher<T>(executor, sources<T>(from), options, std::move(weigh));
}
/// @cond
/// Says that sluice::from is missing.
template <emitter Stage>
auto batcher(executor_arg, Stage const&, batcher_options const&) {
    return detail::refuse_sources<typename Stage::event_type, Stage>();
}
/// @endcond

}  // namespace sluice
