#pragma once

#include <any>
#include <cstddef>
#include <functional>

namespace sluice {

/// What a dispatcher may know of a subscriber: the terms of its subscription that are for the dispatcher to keep. Each
/// dispatcher looks at those that mean something to it.
template <class T>
struct subscriber {
    /// How many events it wants to have outstanding at most.
    std::size_t max_demand = 1000;
    /// Those of a higher priority are served first, by dispatchers that choose among subscribers.
    int priority = 0;
    /// Its share of the events beside the others', by dispatchers that share them out. At least 1.
    std::size_t weight = 1;
    /// Which events it wants; empty: all. For dispatchers that give an event to several.
    std::function<bool(T const&)> selector = {};
    /// Which partition it wants, a value of the dispatcher's key type; empty: none was named.
    std::any partition = {};
    /// The same for all subscriptions of one stage; null if that is not known.
    void const* consumer = nullptr;
};

}  // namespace sluice
