#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/stages/subscribing.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/from.hpp>
#include <sluice/options.hpp>
#include <sluice/subscription.hpp>
#include <utility>

namespace sluice {

/// What every stage has that receives events of type T, besides what `Base` has: it subscribes.
template <class T, class Base>
class receiving_stage : public Base {
public:
    /// Subscribes to one more producer, also while running. Completes when the subscription stands on this side; the
    /// events come as soon as the producer has heard of it.
    ///
    /// @par Completion signature
    /// @code void(error_code, subscription) @endcode
    /// @par Errors
    /// errc::end_of_stream when this stage takes no more subscriptions. Throws errc::invalid_option for bad options,
    /// before anything happens. A producer that has ended already is no error here: the subscription ends at once with
    /// end_kind::unknown_producer.
    /// @par Per-operation cancellation
    /// Not supported: it never waits.
    template <emitter S, class Token = asio::use_awaitable_t<>>
    auto async_subscribe(S const& producer, subscribe_options const& options = {}, Token&& token = {}) {
        static_assert(std::is_same_v<typename S::event_type, T>,
                      "sluice: the stage that is subscribed to emits events of another type than this one receives");
        return detail::async_subscribe<T>(detail::access::core(*this), *in_, from(producer, options),
                                          std::forward<Token>(token));
    }
    /// The same for what from() makes, which can say more: `async_subscribe(from(lines).select(is_error))`.
    template <class Token = asio::use_awaitable_t<>>
    auto async_subscribe(source<T> from, Token&& token = {}) {
        return detail::async_subscribe<T>(detail::access::core(*this), *in_, std::move(from),
                                          std::forward<Token>(token));
    }
    /// Subscribes anew and gives an old subscription of this stage up with `reason`: to the same producer on other
    /// terms, or to another one. Neither the stage is without a subscription in between, nor the same producer without
    /// this consumer: it hears of the cancel first, and does not end for want of consumers; what is under way on the
    /// old one is still delivered. An old subscription that has ended, or was never one of this stage's, is no error.
    /// What its end does to the stage its own cancel mode says: one that is permanent ends the stage all the same.
    /// GenStage: `sync_resubscribe`, `async_resubscribe`.
    ///
    /// Completion, errors and cancellation as of async_subscribe; after errc::end_of_stream the old one is as it was.
    template <class Token = asio::use_awaitable_t<>>
    auto async_resubscribe(subscription const& old, end_reason reason, source<T> from, Token&& token = {}) {
        return detail::async_resubscribe<T>(detail::access::core(*this), *in_, detail::access::link(old),
                                            std::move(reason), std::move(from), std::forward<Token>(token));
    }

protected:
    /// For the stages of the library: the shared state, and its ends.
    template <class Core, class... Ends>
    receiving_stage(Core core, detail::inlet_core<T>& in, Ends&... ends) noexcept
        : Base(std::move(core), ends...), in_(&in) {}

private:
    friend struct detail::access;
    auto input() const noexcept -> detail::inlet_core<T>& { return *in_; }

    detail::inlet_core<T>* in_;
};

}  // namespace sluice
