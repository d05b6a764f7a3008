#pragma once

namespace sluice {

/// What emit() gives: whether more is wanted. A bool, of a type of its own so that it can be awaited without the cost
/// of a coroutine. `T` is the outlet's type of events, `Given` what was emitted: T, or batch<T>.
template <class T, class Given>
class emit_result {
public:
    emit_result() noexcept = default;
    /// As the bool that it is.
    emit_result(bool more_wanted) noexcept : more_wanted_(more_wanted) {}

    /// false: every consumer has left for good, and what was emitted may have been discarded.
    operator bool() const noexcept { return more_wanted_; }

private:
    bool more_wanted_ = false;
};

}  // namespace sluice

// How it is awaited; whoever sees the type must see this too.
#include <sluice/detail/emitting.hpp>
