#pragma once

#include <atomic>

namespace sluice::detail {

/// A mutex of one byte, for what is locked rarely and briefly, and exists once in each of many objects. Who finds it
/// locked blocks, and does not spin. For std::lock_guard and std::unique_lock.
class byte_lock {
public:
    byte_lock() = default;
    byte_lock(byte_lock const&) = delete;
    auto operator=(byte_lock const&) -> byte_lock& = delete;

    void lock() noexcept {
        while (locked_.test_and_set(std::memory_order_acquire)) locked_.wait(true, std::memory_order_relaxed);
    }
    auto try_lock() noexcept -> bool { return !locked_.test_and_set(std::memory_order_acquire); }
    void unlock() noexcept {
        locked_.clear(std::memory_order_release);
        locked_.notify_one();
    }

private:
    std::atomic_flag locked_;
};

}  // namespace sluice::detail
