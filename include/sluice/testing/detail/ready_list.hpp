#pragma once

#include <algorithm>
#include <cstddef>
#include <sluice/testing/detail/operation.hpp>
#include <vector>

namespace sluice::testing::detail {

/// Operations in order of age. Taking the oldest is O(1), taking any other moves the shorter side.
class ready_list {
public:
    auto size() const noexcept -> std::size_t { return slots_.size() - head_; }
    auto empty() const noexcept -> bool { return slots_.size() == head_; }

    void push(operation* op) {
        if (head_ > 32 && head_ > slots_.size() / 2 && slots_.size() == slots_.capacity()) compact();
        slots_.push_back(op);
    }

    /// Removes the one of this age; 0 is the oldest.
    auto take(std::size_t age) noexcept -> operation* {
        auto const at = slots_.begin() + static_cast<std::ptrdiff_t>(head_ + age);
        auto* const op = *at;
        if (age <= size() / 2) {
            std::move_backward(slots_.begin() + static_cast<std::ptrdiff_t>(head_), at, at + 1);
            ++head_;
        } else {
            slots_.erase(at);
        }
        if (head_ == slots_.size()) {
            slots_.clear();
            head_ = 0;
        }
        return op;
    }

private:
    void compact() {
        slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }

    std::vector<operation*> slots_;
    std::size_t head_ = 0;
};

}  // namespace sluice::testing::detail
