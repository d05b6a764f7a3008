#pragma once

namespace sluice::detail {

/// The library's way into what users hold: stages, ends, subscriptions, sources and groups keep what they are made of
/// to themselves, and are friends with this. Each function answers what the private member function of its name does.
struct access {
    /// The shared state, of whatever is run or subscribes.
    template <class Holder>
    static auto core(Holder const& holder) noexcept -> decltype(holder.core()) {
        return holder.core();
    }
    /// What is subscribed to, of whatever emits, and of a source.
    template <class Holder>
    static auto output(Holder const& holder) noexcept -> decltype(holder.output()) {
        return holder.output();
    }
    /// What subscribes, of whatever receives.
    template <class Holder>
    static auto input(Holder const& holder) noexcept -> decltype(holder.input()) {
        return holder.input();
    }
    /// The link that a subscription is a handle of.
    template <class Subscription>
    static auto link(Subscription const& of) noexcept -> decltype(of.link()) {
        return of.link();
    }
    /// The terms of a source that depend on the type of the events.
    template <class Source>
    static auto terms(Source const& of) noexcept -> decltype(of.terms()) {
        return of.terms();
    }
};

}  // namespace sluice::detail
