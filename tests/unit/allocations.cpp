// Counts what this program allocates, for tests that something allocates nothing.
#include "unit/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t count = 0;

}  // namespace

auto allocations() noexcept -> std::size_t { return count; }

auto operator new(std::size_t size) -> void* {
    ++count;
    if (auto* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}

auto operator new(std::size_t size, std::nothrow_t const&) noexcept -> void* {
    ++count;
    return std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::nothrow_t const&) noexcept { std::free(memory); }
