#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

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

    block_queue(block_queue&& other) noexcept
        : ring_(std::move(other.ring_)), begin_(std::exchange(other.begin_, 0)), end_(std::exchange(other.end_, 0)) {
        other.ring_.clear();
    }

    auto operator=(block_queue&& other) noexcept -> block_queue& {
        if (this != &other) {
            clear();
            ring_ = std::move(other.ring_);
            other.ring_.clear();
            begin_ = std::exchange(other.begin_, 0);
            end_ = std::exchange(other.end_, 0);
        }
        return *this;
    }

    ~block_queue() { clear(); }

    auto empty() const noexcept -> bool { return begin_ == end_; }
    auto size() const noexcept -> std::size_t { return static_cast<std::size_t>(end_ - begin_); }

    /// For how many elements there is memory, which is kept. O(blocks).
    auto capacity() const noexcept -> std::size_t {
        const auto allocated = std::ranges::count_if(ring_, [](auto const& place) { return place != nullptr; });
        return static_cast<std::size_t>(allocated) * block_size;
    }

    /// The number of the first element, and the number that the next one pushed will have.
    auto begin_number() const noexcept -> std::uint64_t { return begin_; }
    auto end_number() const noexcept -> std::uint64_t { return end_; }

    /// Makes the next `n` pushes free of allocation. Throws std::bad_alloc; the elements are as before then.
    void reserve(std::size_t n) {
        if (n == 0) return;
        const auto first = begin_ / block_size;
        const auto last = (end_ + n - 1) / block_size;
        grow_ring(static_cast<std::size_t>(last - first + 1));
        for (auto number = end_ / block_size; number <= last; ++number) {
            auto& place = block_at(number);
            if (!place) place = std::make_unique_for_overwrite<block>();
        }
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
    struct block {
        alignas(T) std::byte memory[block_size * sizeof(T)];
    };

    auto block_at(std::uint64_t number) noexcept -> std::unique_ptr<block>& {
        return ring_[static_cast<std::size_t>(number & (ring_.size() - 1))];
    }

    auto slot(std::uint64_t number) noexcept -> T* {
        return reinterpret_cast<T*>(block_at(number / block_size)->memory) + number % block_size;
    }

    /// Makes room for `blocks` pointers. Their number is a power of two, so block n is always at n modulo it.
    void grow_ring(std::size_t blocks) {
        if (blocks <= ring_.size()) return;
        auto larger = std::vector<std::unique_ptr<block>>(std::bit_ceil(blocks));
        const auto first = begin_ / block_size;
        for (std::uint64_t number = first; number < first + ring_.size(); ++number)
            larger[static_cast<std::size_t>(number & (larger.size() - 1))] = std::move(block_at(number));
        ring_ = std::move(larger);
    }

    std::vector<std::unique_ptr<block>> ring_;
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
};

}  // namespace sluice::core
