#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/flow/stream.hpp>
#include <sluice/producer.hpp>
#include <utility>

namespace sluice::detail {

/// The body of a producer that gives what comes out of a flow.
template <class T, class F>
struct flow_giver {
    auto operator()(outlet<T>& out, F flow, asio::any_io_executor executor) const -> asio::awaitable<void> {
        auto drawn = flow::stream(flow, executor);
        while (auto events = co_await drawn.receive()) {
            bool const taken = co_await out.emit(std::move(*events));
            if (!taken) co_return;
        }
    }
};

}  // namespace sluice::detail

namespace sluice::flow {

/// A flow as a producer, to which other stages subscribe, and which is run with them. The flow begins to run when the
/// producer does. It ends when the flow has ended, and fails with what that failed with; when its last consumer has
/// left, or it is stopped, it stops the flow. Behind the executor there may be a dispatcher, such as
/// sluice::broadcast_dispatcher, or outlet_options and a dispatcher, as sluice::producer takes them.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::map([](int i) { return i * 2; });
/// sluice::producer<int> even = flow::as_producer(f, pool);
/// sluice::consumer<int> summed{pool, sluice::from(even, {.max_demand = 10}), adder, std::ref(sum)};
/// sluice::run(even, summed);  // 2 + 4 + 6
/// @endcode
///
/// Order: that of arrival; from one stage as it was emitted. Memory: 1000 events to the producer, besides the flow's
/// own. Copies: none but those of the dispatcher.
template <description F, class... Before>
auto as_producer(F const& flow, executor_arg executor, Before&&... before) {
    constexpr bool runs = detail::check_runnable<F, false>();
    if constexpr (runs) {
        using event = detail::event_of<F>;
        sluice::producer<event> made(executor, std::forward<Before>(before)..., detail::flow_giver<event, F>(), flow,
                                     executor.get());
        detail::access::output(made).end_when_left();
        return made;
    }
}

}  // namespace sluice::flow
