#pragma once

#include <array>
#include <utility>

#include "work.hpp"

namespace sluice::benchmarks {

using event_parts = std::array<events, consumers>;

/// A fresh vector for each consumer, with its events. The same function for all ways that do it by hand.
[[gnu::noinline]] inline auto split(events const& batch) -> event_parts {
    event_parts parts;
    for (auto& part : parts) part.reserve(batch.size() / consumers * 2);
    for (event const e : batch) parts[partition_of(e)].push_back(e);
    return parts;
}

}  // namespace sluice::benchmarks
