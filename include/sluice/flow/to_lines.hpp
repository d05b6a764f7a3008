#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <memory>
#include <sluice/detail/flow/line_writer.hpp>
#include <sluice/detail/flow/run.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/flow/pipeline.hpp>
#include <utility>

namespace sluice::detail {

template <class F>
auto make_to_lines(F const& flow, asio::any_io_executor const& executor, std::filesystem::path path) {
    flow_builder b(executor);
    if constexpr (check_runnable<F, false>()) {
        using event = event_of<F>;
        constexpr bool fits = reads_as_text<event> || streamable<event>;
        static_assert(fits,
                      "flow::to_lines: the events that come out of the flow must be texts, or have << for "
                      "std::ostream. Put flow::map before it, which makes a text of each.");
        if constexpr (fits) {
            auto const writer = std::make_shared<line_writer>(std::move(path));
            add_last(b, flow, [&](auto&) { return lines_end<event>(writer); });
        }
    }
    return flow_run<void>(std::move(b), nullptr);
}

}  // namespace sluice::detail

namespace sluice::flow {

/// Runs a flow and writes what comes out to a file, a line an event: texts as they are, anything else as `<<` writes
/// it. What was in the file is replaced; without events it is empty. A flow that fails or is stopped leaves the
/// beginning of a file. Writing blocks its thread, as writing files does.
///
/// What cannot be created or written ends the flow with std::system_error, whose sentence names the path: "cannot
/// create '/there/lines.txt': No such file or directory". The rest as async_run, but for memory: 64 KiB.
/// Order: that of arrival. Copies: none of events.
///
/// @par Completion signature
/// @code void(std::exception_ptr) @endcode
template <description F, class Token = asio::use_awaitable_t<>>
auto async_to_lines(F& flow, executor_arg executor, std::filesystem::path path, Token&& token = {}) {
    return detail::initiate<void>(detail::make_to_lines(flow, executor.get(), std::move(path)),
                                  std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 4));
/// flow::to_lines(f, pool, path);  // "1\n2\n3\n"
/// @endcode
template <description F>
void to_lines(F const& flow, executor_arg executor, std::filesystem::path path) {
    detail::run_and_wait(detail::make_to_lines(flow, executor.get(), std::move(path)));
}

/// @cond
// Say what to do with a flow that has no name; see run.hpp.
template <description F, class... More>
auto async_to_lines(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
/// @endcond

}  // namespace sluice::flow
