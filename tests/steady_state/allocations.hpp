#pragma once

#include <cstddef>

namespace steady_state {

/// How often this program has asked for memory so far, in all threads: by malloc and all that is like it, so by
/// `operator new` and by Asio, which takes aligned memory, as well.
auto allocations() noexcept -> std::size_t;

/// A backtrace of each further request goes to the standard error, as long as there are fewer than `most`.
void show_allocations(std::size_t most) noexcept;

}  // namespace steady_state
