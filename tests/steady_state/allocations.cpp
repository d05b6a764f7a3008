// The C library's functions that allocate, replaced for this program by some that count. What glibc calls `__libc_…`
// are its own; so this is for glibc alone.
#include "steady_state/allocations.hpp"

#include <execinfo.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

extern "C" {
auto __libc_malloc(std::size_t size) -> void*;
auto __libc_calloc(std::size_t count, std::size_t size) -> void*;
auto __libc_realloc(void* memory, std::size_t size) -> void*;
auto __libc_memalign(std::size_t alignment, std::size_t size) -> void*;
}

namespace steady_state {
namespace {

std::atomic<std::size_t> count = 0;
std::atomic<std::size_t> left_to_show = 0;
thread_local bool is_showing = false;

void note() noexcept {
    count.fetch_add(1, std::memory_order_relaxed);
    if (left_to_show.load(std::memory_order_relaxed) == 0 || is_showing) return;
    is_showing = true;
    left_to_show.fetch_sub(1, std::memory_order_relaxed);
    void* frames[16];
    backtrace_symbols_fd(frames, backtrace(frames, 16), STDERR_FILENO);
    [[maybe_unused]] auto const written = write(STDERR_FILENO, "\n", 1);
    is_showing = false;
}

}  // namespace

auto allocations() noexcept -> std::size_t { return count.load(std::memory_order_relaxed); }

void show_allocations(std::size_t most) noexcept { left_to_show = most; }

}  // namespace steady_state

extern "C" {

auto malloc(std::size_t size) -> void* {
    steady_state::note();
    return __libc_malloc(size);
}
auto calloc(std::size_t count, std::size_t size) -> void* {
    steady_state::note();
    return __libc_calloc(count, size);
}
auto realloc(void* memory, std::size_t size) -> void* {
    steady_state::note();
    return __libc_realloc(memory, size);
}
auto memalign(std::size_t alignment, std::size_t size) -> void* {
    steady_state::note();
    return __libc_memalign(alignment, size);
}
auto aligned_alloc(std::size_t alignment, std::size_t size) -> void* {
    steady_state::note();
    return __libc_memalign(alignment, size);
}
auto posix_memalign(void** memory, std::size_t alignment, std::size_t size) -> int {
    steady_state::note();
    auto* const found = __libc_memalign(alignment, size);
    if (!found) return ENOMEM;
    *memory = found;
    return 0;
}
}
