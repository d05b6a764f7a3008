#include <algorithm>
#include <bit>
#include <new>
#include <sluice/core/block_ring.hpp>
#include <utility>

namespace sluice::core {

namespace {

auto is_ordinary(block_ring::shape of) noexcept -> bool { return of.alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__; }

auto allocate(block_ring::shape of) -> std::byte* {
    auto* const memory =
        is_ordinary(of) ? ::operator new(of.bytes) : ::operator new(of.bytes, std::align_val_t(of.alignment));
    return static_cast<std::byte*>(memory);
}

}  // namespace

block_ring::block_ring() noexcept = default;
block_ring::~block_ring() = default;

void block_ring::reserve(shape of, std::uint64_t first, std::uint64_t next, std::uint64_t last) {
    grow(first, static_cast<std::size_t>(last - first + 1));
    for (auto number = next; number <= last; ++number) {
        auto& place = ring_[static_cast<std::size_t>(number & (ring_.size() - 1))];
        if (!place) place = allocate(of);
    }
}

auto block_ring::count() const noexcept -> std::size_t {
    return static_cast<std::size_t>(
        std::ranges::count_if(ring_, [](std::byte const* block) { return block != nullptr; }));
}

void block_ring::grow(std::uint64_t first, std::size_t blocks) {
    if (blocks <= ring_.size()) return;
    auto larger = std::vector<std::byte*>(std::bit_ceil(blocks));
    for (auto number = first; number < first + ring_.size(); ++number)
        larger[static_cast<std::size_t>(number & (larger.size() - 1))] = (*this)[number];
    ring_ = std::move(larger);
}

void block_ring::free(shape of) noexcept {
    for (auto* const block : ring_) {
        if (!block) continue;
        if (is_ordinary(of)) {
            ::operator delete(block, of.bytes);
        } else {
            ::operator delete(block, of.bytes, std::align_val_t(of.alignment));
        }
    }
    ring_.clear();
}

}  // namespace sluice::core
