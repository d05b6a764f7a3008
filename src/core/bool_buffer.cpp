#include <algorithm>
#include <sluice/core/bool_buffer.hpp>
#include <utility>

namespace sluice::core {

void bool_buffer::reserve(std::size_t n) {
    if (n <= capacity_) return;
    std::unique_ptr<bool[]> more(new bool[n]);
    std::copy(begin(), end(), more.get());
    begin_ = std::move(more);
    capacity_ = n;
}

void bool_buffer::resize(std::size_t n) {
    if (n > capacity_) grow(n);
    if (n > size_) std::fill(end(), data() + n, false);
    size_ = n;
}

void bool_buffer::grow(std::size_t at_least) { reserve(std::max(at_least, 2 * capacity_)); }

}  // namespace sluice::core
