#pragma once

#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <cstddef>
#include <utility>

namespace sluice::detail {

/// A queue that keeps its memory: std::deque allocates and frees as it slides.
template <class T>
using ring = boost::circular_buffer<T>;

template <class T>
void push(ring<T>& into, T value) {
    if (into.full()) into.set_capacity(std::max<std::size_t>(8, 2 * into.capacity()));
    into.push_back(std::move(value));
}

}  // namespace sluice::detail
