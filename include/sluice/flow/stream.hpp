#pragma once

#include <sluice/detail/flow/gate.hpp>
#include <sluice/detail/flow/run.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/stream.hpp>
#include <utility>

namespace sluice::flow {

/// Runs a flow whose events the caller draws, at its own pace:
///
/// @code
/// auto const endless = flow::from(std::views::iota(1)) | flow::map([](int i) { return i * i; });
/// auto squares = flow::stream(endless, pool);
/// while (auto const events = co_await squares.receive()) {
///     for (int const square : *events) {
///         if (square > least) co_return square;  // the stream goes, and stops the flow
///     }
/// }
/// @endcode
///
/// The flow runs ahead by what its demands allow (1000 events to the stream, and as many between two stages) and waits.
/// A stream that is closed or destroyed stops the flow, its sources first of all. At the end receive() gives nullopt
/// when the flow has ended, and throws what it ended with, the first cause, if it failed.
/// Order: kept from each stage of the last layer. Copies: none. Memory: those events.
template <description F>
auto stream(F const& flow, executor_arg executor) {
    using event = detail::event_of<F>;
    detail::flow_builder b(executor.get());
    boost::intrusive_ptr<detail::gate<event>> gate(new detail::gate<event>(executor.get()));
    if constexpr (detail::check_runnable<F, false>()) {
        gate->name = "stream";
        subscribe_options const options;
        auto const from = detail::subscriptions(flow.emitters(b, detail::batch_size(options)), options);
        detail::subscribe_all(detail::stage_ptr(gate), gate->in(), from);
    }
    sluice::stream<event> drawn(executor, sources<event>(sluice::source<event>(gate->out(), subscribe_options())));
    detail::flow_run<void> run(std::move(b), nullptr);
    gate->run_flow(run.cores());
    return drawn;
}

}  // namespace sluice::flow
