#pragma once

#include <any>
#include <boost/system/system_error.hpp>
#include <functional>
#include <sluice/core/api.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/dispatcher/subscriber.hpp>

namespace sluice::detail {

/// The terms of a subscription that depend on the type of the events.
template <class T>
struct terms_for final : typed_terms {
    std::function<bool(T const&)> selector;
    std::any partition;
    std::function<std::size_t(T const&)> weigh;
};

/// What the producer's dispatcher is to know of a subscription.
template <class T>
auto subscriber_of(link const& l) -> subscriber<T> {
    auto const& options = l.options();
    subscriber<T> who;
    who.max_demand = options.max_demand;
    who.priority = options.priority;
    who.weight = options.weight;
    who.consumer = &l.consumer();
    if (options.partition) who.partition = *options.partition;
    if (auto const* terms = static_cast<terms_for<T> const*>(l.terms())) {
        who.selector = terms->selector;
        if (terms->partition.has_value()) who.partition = terms->partition;
    }
    return who;
}

/// With what a subscription ends that the dispatcher has refused by throwing.
SLUICE_API auto refusal(std::exception_ptr const& why) -> end_reason;

}  // namespace sluice::detail
