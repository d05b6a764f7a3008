#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
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
    /// How long the first event of a group waits for others. More than 0; the maximum: for ever.
    std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max();
};
static_assert(std::is_trivially_destructible_v<batcher_options>);

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(batcher_options const& options);

namespace detail {

template <class T>
class group_maker {
public:
    using clock = environment::clock;

    group_maker(inlet<T>& in, outlet<std::vector<T>>& out, batcher_options const& options)
        : in_(&in), out_(&out), options_(options) {}

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
                if (group_.empty()) begin();
                group_.push_back(std::move(event));
                if (group_.size() < options_.size) continue;
                const bool taken = co_await emit();
                if (!taken) co_return;
            }
        }
        if (!group_.empty()) co_await emit();
    }

private:
    /// Empty when the time for the present group is up.
    auto next() -> asio::awaitable<received<batch<T>>> {
        if (group_.empty()) return in_->receive();
        return in_->receive_until(deadline_);
    }
    void begin() {
        auto const now = in_->now();
        bool const ends = options_.timeout < clock::time_point::max() - now;
        deadline_ = ends ? now + options_.timeout : clock::time_point::max();
        group_.reserve(options_.size);
    }
    auto emit() { return out_->emit(std::exchange(group_, {})); }

    inlet<T>* in_;
    outlet<std::vector<T>>* out_;
    batcher_options options_;
    std::vector<T> group_;
    clock::time_point deadline_;
};

template <class T>
auto make_groups(inlet<T>& in, outlet<std::vector<T>>& out, batcher_options options) -> asio::awaitable<void> {
    group_maker<T> maker(in, out, options);
    co_await maker.run();
}

}  // namespace detail

/// A stage that gathers events: `batcher(pool, from(rows), {.size = 500, .timeout = 50ms})` emits std::vector<T> of
/// `size` events, or of fewer when `timeout` is over since the first of them has come, or when its producers have
/// ended. What it emits counts as one event for its consumers' demand.
///
/// It holds at most `size` events besides its max_demand. Events keep their order. Throws errc::invalid_option.
/// Broadway: a batcher with batch_size and batch_timeout.
template <class T>
auto batcher(detail::executor_arg executor, sources<T> const& from, batcher_options const& options)
    -> producer_consumer<T, std::vector<T>> {
    validate(options);
    return detail::make_ready_stage<std::vector<T>>(executor, from, stage_options(), detail::same_terms,
                                                    &detail::make_groups<T>, options);
}
/// The same for one source.
template <class T>
auto batcher(detail::executor_arg executor, source<T> const& from, batcher_options const& options)
    -> producer_consumer<T, std::vector<T>> {
    return batcher<T>(executor, sources<T>(from), options);
}
/// @cond
/// Says that sluice::from is missing.
template <emitter Stage>
auto batcher(detail::executor_arg, Stage const&, batcher_options const&) {
    return detail::refuse_sources<typename Stage::event_type, Stage>();
}
/// @endcond

}  // namespace sluice
