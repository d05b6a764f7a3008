#pragma once

#include <cstddef>

/// How often this thread has called `operator new` so far. The program must contain allocations.cpp.
auto allocations() noexcept -> std::size_t;
