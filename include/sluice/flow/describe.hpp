#pragma once

#include <sluice/detail/thread_count.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/flow/graph.hpp>
#include <sluice/flow/pipeline.hpp>

namespace sluice::flow {

/// The picture of a flow: which layers it has, as how many stages each runs, and who feeds whom; as Mermaid, for
/// Graphviz, or as text. Nothing runs. Names of steps come from closure::named.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 100)) | flow::shuffle({.stages = 4}) | flow::filter(std::identity());
/// auto const picture = flow::describe(f).mermaid();  // "flowchart LR …"
/// @endcode
template <description F>
auto describe(F const& flow) -> graph {
    static_assert(
        !detail::is_closure<F>,
        "These are steps without a source. Begin the flow with flow::from, flow::from_lines or flow::source.");
    graph g;
    if constexpr (runnable<F>) flow.draw(g);
    return g;
}

/// The same as the flow would run on this executor: with the number of stages of every layer.
template <description F>
auto describe(F const& flow, executor_arg executor) -> graph {
    static_assert(
        !detail::is_closure<F>,
        "These are steps without a source. Begin the flow with flow::from, flow::from_lines or flow::source.");
    graph g(detail::default_stages(executor.get()));
    if constexpr (runnable<F>) flow.draw(g);
    return g;
}

}  // namespace sluice::flow
