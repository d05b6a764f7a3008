#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::core {

/// More than will ever be asked for or stored: a demand of this size, or a bound of this size, is no limit.
inline constexpr std::size_t unlimited = SIZE_MAX;

/// The sum, or `unlimited` where it would overflow.
constexpr auto saturating_add(std::size_t a, std::size_t b) noexcept -> std::size_t {
    return a > unlimited - b ? unlimited : a + b;
}

/// The sum of many demands, exact however large they are, so that what was added can be taken away again.
/// A saturated sum could not: it has forgotten by how much it overflowed. Good for 2^64 summands.
class demand_sum {
public:
    /// Adds one demand.
    constexpr void add(std::size_t n) noexcept {
        low_ += n;
        if (low_ < n) ++high_;
    }

    /// `n` must have been added before.
    constexpr void subtract(std::size_t n) noexcept {
        if (low_ < n) --high_;
        low_ -= n;
    }

    /// The sum, saturated.
    constexpr auto value() const noexcept -> std::size_t { return high_ == 0 ? low_ : unlimited; }

private:
    std::size_t low_ = 0;
    std::size_t high_ = 0;
};

}  // namespace sluice::core
