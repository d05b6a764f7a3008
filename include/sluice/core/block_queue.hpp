#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sluice/core/block_ring.hpp>
#include <span>
#include <utility>

namespace sluice::core {

/// A queue in blocks of a few kilobytes, which are kept and used again in a ring.
///
/// Growing moves blocks, never elements: so an element whose move throws is never lost by it, and none is moved more
/// than once in and once out. No allocation in the steady state: memory stays at about the largest size there was.
/// Elements are numbered from the first one ever pushed: the numbers of those inside run from `begin_number` to
/// `end_number`. All functions are O(1), `push_back` amortised.
template <class T>
class block_queue {
public:
    /// Elements in a block.
    static constexpr std::size_t block_size = std::bit_floor(std::max(std::size_t{16}, std::size_t{4096} / sizeof(T)));

    block_queue() noexcept = default;

    /// Takes the elements and the memory of the other, and leaves it empty.
    block_queue(block_queue&& other) noexcept
        : begin_(std::exchange(other.begin_, 0)), end_(std::exchange(other.end_, 0)) {
        ring_.swap(other.ring_);
    }

    /// The same; the elements that were here are destroyed.
    auto operator=(block_queue&& other) noexcept -> block_queue& {
        if (this != &other) {
            free();
            ring_.swap(other.ring_);
            begin_ = std::exchange(other.begin_, 0);
            end_ = std::exchange(other.end_, 0);
        }
        return *this;
    }

    ~block_queue() { free(); }

    /// Whether there is no element.
    auto empty() const noexcept -> bool { return begin_ == end_; }
    /// How many elements.
    auto size() const noexcept -> std::size_t { return static_cast<std::size_t>(end_ - begin_); }

    /// For how many elements there is memory, which is kept. O(blocks).
    auto capacity() const noexcept -> std::size_t { return ring_.count() * block_size; }

    /// The number of the first element.
    auto begin_number() const noexcept -> std::uint64_t { return begin_; }
    /// The number that the next one pushed will have.
    auto end_number() const noexcept -> std::uint64_t { return end_; }

    /// Makes the next `n` pushes free of allocation. Throws std::bad_alloc; the elements are as before then.
    void reserve(std::size_t n) {
        if (n == 0) return;
        ring_.reserve(shape, begin_ / block_size, end_ / block_size, (end_ + n - 1) / block_size);
    }

    /// Throws std::bad_alloc or what T's move throws; the queue is as before then.
    void push_back(T&& value) {
        if (end_ % block_size == 0) reserve(1);
        std::construct_at(slot(end_), std::move(value));
        ++end_;
    }

    /// The oldest element. There must be one.
    auto front() noexcept -> T& { return *slot(begin_); }

    /// The element of that number, which must be inside.
    auto operator[](std::uint64_t number) noexcept -> T& { return *slot(number); }

    /// The oldest elements as far as they lie side by side, at most `limit`; empty only if the queue or `limit` is.
    auto front_run(std::size_t limit) noexcept -> std::span<T> {
        if (empty() || limit == 0) return {};
        const auto in_block = block_size - static_cast<std::size_t>(begin_ % block_size);
        return {slot(begin_), std::min({limit, in_block, size()})};
    }

    /// Destroys the oldest element. There must be one.
    void pop_front() noexcept {
        std::destroy_at(slot(begin_));
        ++begin_;
    }

    /// Destroys the oldest `n` elements. There must be as many.
    void pop_front(std::size_t n) noexcept {
        while (n > 0) {
            const auto run = front_run(n);
            std::destroy(run.begin(), run.end());
            begin_ += run.size();
            n -= run.size();
        }
    }

    /// Destroys all elements; keeps the memory.
    void clear() noexcept { pop_front(size()); }

private:
    auto slot(std::uint64_t number) const noexcept -> T* {
        return reinterpret_cast<T*>(ring_[number / block_size]) + number % block_size;
    }

    void free() noexcept {
        clear();
        ring_.free(shape);
    }

    static constexpr block_ring::shape shape{block_size * sizeof(T), alignof(T)};

    block_ring ring_;
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
};

}  // namespace sluice::core
