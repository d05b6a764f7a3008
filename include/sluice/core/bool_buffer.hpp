#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <sluice/core/api.hpp>

namespace sluice::core {

/// What std::vector<bool> is not: bools side by side, that can be pointed to. As much of a vector as a batch needs;
/// boost::container::vector<bool> would cost every program that has a stage a tenth of its time to compile.
class SLUICE_API bool_buffer {
public:
    bool_buffer() = default;
    bool_buffer(bool_buffer const&) = delete;
    auto operator=(bool_buffer const&) -> bool_buffer& = delete;

    /// @{
    /// As in std::vector.
    auto data() noexcept -> bool* { return begin_.get(); }
    auto data() const noexcept -> bool const* { return begin_.get(); }
    auto begin() noexcept -> bool* { return data(); }
    auto end() noexcept -> bool* { return data() + size_; }
    auto back() noexcept -> bool& { return data()[size_ - 1]; }
    auto size() const noexcept -> std::size_t { return size_; }
    auto capacity() const noexcept -> std::size_t { return capacity_; }
    auto empty() const noexcept -> bool { return size_ == 0; }

    auto emplace_back(bool event = false) -> bool& {
        if (size_ == capacity_) grow(size_ + 1);
        return data()[size_++] = event;
    }
    void push_back(bool event) { emplace_back(event); }
    void pop_back() noexcept { --size_; }
    void clear() noexcept { size_ = 0; }
    void reserve(std::size_t n);
    void resize(std::size_t n);
    /// @}
    /// As in std::vector, but at the end alone.
    template <class It>
    void insert(bool*, It first, It last) {
        auto const needed = size_ + static_cast<std::size_t>(last - first);
        if (needed > capacity_) grow(needed);
        size_ = static_cast<std::size_t>(std::copy(first, last, end()) - data());
    }

private:
    void grow(std::size_t at_least);

    std::unique_ptr<bool[]> begin_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace sluice::core
