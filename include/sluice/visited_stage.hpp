#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/visit.hpp>
#include <sluice/stage.hpp>
#include <utility>

namespace sluice {

/// What every stage has that functions from outside may run in. `End` is what they are given: the stage's outlet, or
/// its inlet where it has no outlet.
template <class End>
class visited_stage : public stage {
public:
    /// Runs a function on the stage's strand, between two steps of its body, and gives back what it returns. With the
    /// type of the stage's handler object, `async_visit<ticker>(f)`, as `f(handler, end)` or `f(handler)`; without, as
    /// `f(end)` or `f()`. `end` is the stage's outlet, into which it may `push` events, or a consumer's inlet. To
    /// answer first and push then, it gives back reply_then(). From any thread; visits run in the order in which they
    /// come, and wait for the stage to run. GenStage: `call`, `cast`.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr, R) @endcode or `void(std::exception_ptr)` when f returns nothing.
    /// @par Errors
    /// What f throws, which is nothing to the stage; errc::wrong_handler; errc::no_such_stage when it has ended.
    /// @par Per-operation cancellation
    /// Not supported: a visit does not wait, except for the stage to run.
    template <class Handler = void, class F, class Token = asio::use_awaitable_t<>>
    auto async_visit(F f, Token&& token = {}) {
        return detail::async_run_there(detail::access::core(*this), false,
                                       detail::visitor<Handler>(*detail::access::core(*this), *end_, std::move(f)),
                                       std::forward<Token>(token));
    }
    /// The same, when everything has gone that has arrived, or waits for a taker, by then. Informs come in order, and
    /// none is dropped while the stage lives. GenStage: `sync_info`, `async_info`.
    template <class Handler = void, class F, class Token = asio::use_awaitable_t<>>
    auto async_inform(F f, Token&& token = {}) {
        return detail::async_run_there(detail::access::core(*this), true,
                                       detail::visitor<Handler>(*detail::access::core(*this), *end_, std::move(f)),
                                       std::forward<Token>(token));
    }

protected:
    /// For the stages of the library: the shared state, and the end that visitors are given.
    visited_stage(detail::stage_ptr core, End& end) noexcept : stage(std::move(core)), end_(&end) {}

private:
    End* end_;
};

}  // namespace sluice
