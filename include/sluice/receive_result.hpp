#pragma once

#include <optional>

namespace sluice {

/// What a receive gives: a batch, or nothing at the end. A std::optional, of a type of its own so that it can be
/// awaited without the cost of a coroutine.
template <class Batch>
class receive_result : public std::optional<Batch> {
public:
    using std::optional<Batch>::optional;
};

}  // namespace sluice

// How it is awaited; whoever sees the type must see this too.
#include <sluice/detail/receiving.hpp>
