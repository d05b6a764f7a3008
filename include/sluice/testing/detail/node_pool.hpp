#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <sluice/core/api.hpp>

namespace sluice::testing::detail {

/// Memory for queued handlers: freed nodes are kept for the next one of their size. With address sanitizer, or when
/// Asio's own recycling is switched off (BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING), each node comes from the heap,
/// so that the use of a freed handler is seen.
class SLUICE_API node_pool {
public:
    node_pool() = default;
    node_pool(node_pool const&) = delete;
    auto operator=(node_pool const&) -> node_pool& = delete;
    ~node_pool();

    /// For alignments up to that of std::max_align_t.
    auto allocate(std::size_t size) -> void* {
        auto const bucket = (size - 1) / step;
        if (bucket < buckets && free_[bucket] != nullptr) {
            auto* const node = free_[bucket];
            free_[bucket] = node->next;
            return node;
        }
        return allocate_new(size);
    }

    void deallocate(void* memory, std::size_t size) noexcept;

private:
    struct free_node {
        free_node* next;
    };
    static constexpr std::size_t step = 64;
    static constexpr std::size_t buckets = 16;

    static auto allocate_new(std::size_t size) -> void*;

    std::array<free_node*, buckets> free_{};
};

}  // namespace sluice::testing::detail
