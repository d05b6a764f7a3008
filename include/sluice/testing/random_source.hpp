#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::testing {

/// Pseudo-random numbers that are the same on every platform and with every standard library (splitmix64).
/// Neighbouring seeds give unrelated sequences. Not for secrets.
class random_source {
public:
    /// The same seed, the same numbers.
    explicit random_source(std::uint64_t seed) noexcept : state_{mix(seed + 0x632be59bd9b4e019U)} {}

    /// The next number, of 64 random bits.
    auto next() noexcept -> std::uint64_t { return mix(state_ += 0x9e3779b97f4a7c15U); }

    /// 0 … n − 1, for n > 0; the bias is below n / 2³² for n < 2³².
    auto below(std::size_t n) noexcept -> std::size_t {
        if (n <= 0xffffffffU) return static_cast<std::size_t>(((next() >> 32U) * n) >> 32U);
        return static_cast<std::size_t>(next() % n);
    }

    /// A good mixing of the bits of a number: equal for equal numbers, unrelated for others.
    static auto mix(std::uint64_t x) noexcept -> std::uint64_t {
        x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
        x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
        return x ^ (x >> 31U);
    }

private:
    std::uint64_t state_;
};

}  // namespace sluice::testing
