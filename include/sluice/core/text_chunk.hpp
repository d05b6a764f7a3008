#pragma once

#include <atomic>
#include <cstddef>
#include <sluice/core/api.hpp>

namespace sluice::core {

/// Bytes on the heap that several texts share; the count of its references lives in front of them.
///
/// Behind `capacity()` lie `slack` more readable bytes, so that a short text can be cut out of any place by one copy of
/// a fixed size. Whoever writes into a chunk that texts already share must leave `slack` bytes free behind the last of
/// them.
///
/// The count may be changed by any thread. The bytes may be written only by whoever knows that no text covers them.
class SLUICE_API text_chunk {
public:
    /// How many readable bytes lie behind the last one.
    static constexpr std::size_t slack = 24;

    /// A chunk with one reference. Its slack is zero, its bytes are not initialised. Throws std::bad_alloc.
    [[nodiscard]] static auto make(std::size_t capacity) -> text_chunk*;

    text_chunk(text_chunk const&) = delete;
    auto operator=(text_chunk const&) -> text_chunk& = delete;

    /// The bytes.
    [[nodiscard]] auto data() noexcept -> char* { return reinterpret_cast<char*>(this + 1); }
    /// How many bytes there are, without the slack.
    [[nodiscard]] auto capacity() const noexcept -> std::size_t { return capacity_; }

    /// Adds `count` references at once: a reader of lines takes many with one atomic operation and gives them away.
    void retain(std::size_t count = 1) noexcept { references_.fetch_add(count, std::memory_order_relaxed); }

    /// Gives up `count` references; the last one frees the chunk.
    void release(std::size_t count = 1) noexcept {
        if (references_.fetch_sub(count, std::memory_order_acq_rel) == count) destroy();
    }

    /// Whether the caller's reference is the only one left. Then what other threads read here has been read.
    [[nodiscard]] auto unique() const noexcept -> bool { return references_.load(std::memory_order_acquire) == 1; }

private:
    explicit text_chunk(std::size_t capacity) noexcept : capacity_{capacity} {}
    ~text_chunk() = default;
    void destroy() noexcept;

    std::atomic<std::size_t> references_{1};
    std::size_t capacity_;
};

}  // namespace sluice::core
