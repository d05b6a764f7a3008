#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::core {

/// The number of the partition for a hash, from bits that are well mixed, and not those by which a hash table places.
/// `count` must be less than 2^32.
inline auto partition_of(std::size_t hash, std::size_t count) noexcept -> std::size_t {
    auto const mixed = static_cast<std::uint64_t>(hash) * 0x9e3779b97f4a7c15u;  // Knuth: multiplicative hashing
    return static_cast<std::size_t>(((mixed >> 32) * count) >> 32);
}

}  // namespace sluice::core
