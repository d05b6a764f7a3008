#pragma once

#include <cstddef>
#include <cstdint>
#include <sluice/core/api.hpp>
#include <vector>

namespace sluice::core {

/// The memory of a block_queue, whatever its elements are: numbered blocks of the same size, which are kept and used
/// again in a ring. Who owns it frees it.
class SLUICE_API block_ring {
public:
    /// What each block is: always the same for one ring.
    struct shape {
        std::size_t bytes;      ///< how large it is
        std::size_t alignment;  ///< a power of two
    };

    /// No block.
    block_ring() noexcept;
    block_ring(block_ring const&) = delete;
    auto operator=(block_ring const&) -> block_ring& = delete;
    ~block_ring();

    /// Exchanges the blocks of both. O(1).
    void swap(block_ring& other) noexcept { ring_.swap(other.ring_); }

    /// Makes blocks `next` to `last`; those from `first` on are there and stay what they are. Throws std::bad_alloc;
    /// those stay then, too.
    void reserve(shape of, std::uint64_t first, std::uint64_t next, std::uint64_t last);

    /// The block of that number; it must be one of those reserved last.
    auto operator[](std::uint64_t number) const noexcept -> std::byte* {
        return ring_[static_cast<std::size_t>(number & (ring_.size() - 1))];
    }

    /// How many blocks there are. O(blocks).
    auto count() const noexcept -> std::size_t;

    /// Frees all blocks; there is none then.
    void free(shape of) noexcept;

private:
    void grow(std::uint64_t first, std::size_t blocks);

    std::vector<std::byte*> ring_;  // their number is a power of two, so block n is always at n modulo it
};

}  // namespace sluice::core
