#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <sluice/detail/block.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

/// Events that travel together: a sequence container of T that owns a recycled buffer.
///
/// Behaves like a std::vector that can only be moved. A batch made by outlet::make_batch() takes its buffer from those
/// that the consumers have given back, and gives it back itself when it is destroyed; so in the steady state nothing is
/// allocated. A batch made in any other way allocates.
///
/// @par Thread safety
/// Distinct objects: safe. Shared objects: unsafe.
template <class T>
class batch {
public:
    using value_type = T;              ///< As in std::vector.
    using size_type = std::size_t;     ///< As in std::vector.
    using iterator = T*;               ///< Events lie side by side.
    using const_iterator = T const*;   ///< Events lie side by side.
    using reference = T&;              ///< As in std::vector.
    using const_reference = T const&;  ///< As in std::vector.

    batch() noexcept = default;
    /// Takes the events of a vector. No event is moved, save where T is bool.
    batch(std::vector<T>&& events) { adopt(std::move(events)); }
    /// Copies or moves what the iterators give.
    template <std::input_iterator It, std::sentinel_for<It> End>
    batch(It first, End last) {
        for (; first != last; ++first) push_back(*first);
    }
    batch(batch&& other) noexcept = default;
    auto operator=(batch&& other) noexcept -> batch& = default;
    batch(batch const&) = delete;
    auto operator=(batch const&) -> batch& = delete;
    ~batch() = default;

    /// @{
    /// As in std::vector. Nothing is checked: there must be such an event.
    auto size() const noexcept -> std::size_t { return block_ ? block_->size() : 0; }
    auto empty() const noexcept -> bool { return size() == 0; }
    auto data() noexcept -> T* { return block_ ? block_->begin() : nullptr; }
    auto data() const noexcept -> T const* { return block_ ? block_->begin() : nullptr; }
    auto begin() noexcept -> T* { return data(); }
    auto end() noexcept -> T* { return data() + size(); }
    auto begin() const noexcept -> T const* { return data(); }
    auto end() const noexcept -> T const* { return data() + size(); }
    auto operator[](std::size_t i) noexcept -> T& { return data()[i]; }
    auto operator[](std::size_t i) const noexcept -> T const& { return data()[i]; }
    auto front() noexcept -> T& { return data()[0]; }
    auto front() const noexcept -> T const& { return data()[0]; }
    auto back() noexcept -> T& { return data()[size() - 1]; }
    auto back() const noexcept -> T const& { return data()[size() - 1]; }
    /// @}

    /// @{
    /// As in std::vector; the first event makes a buffer, if the batch has none. May throw std::bad_alloc.
    void push_back(T const& event) {
        static_assert(std::is_copy_constructible_v<T>,
                      "sluice::batch<T>::push_back: this event cannot be copied: give it by std::move(event)");
        events().push_back(event);
    }
    void push_back(T&& event) { events().push_back(std::move(event)); }
    template <class... Args>
    auto emplace_back(Args&&... args) -> T& {
        return events().emplace_back(std::forward<Args>(args)...);
    }
    void pop_back() { block_->events.pop_back(); }
    void reserve(std::size_t n) { events().reserve(n); }
    void resize(std::size_t n) { events().resize(n + (block_ ? block_->offset : 0)); }
    auto capacity() const noexcept -> std::size_t { return block_ ? block_->events.capacity() : 0; }
    void clear() noexcept {
        if (block_) block_->clear();
    }
    /// @}

    /// The events as a vector; the batch is empty afterwards.
    auto to_vector() && -> std::vector<T> {
        std::vector<T> result;
        if constexpr (!std::is_same_v<T, bool>) {
            if (block_ && block_->offset == 0) {
                result = std::move(block_->events);
                block_->clear();
                return result;
            }
        }
        result.reserve(size());
        for (T& event : *this) result.push_back(std::move(event));
        clear();
        return result;
    }

    /// Exchanges their events. O(1); no event is moved.
    friend void swap(batch& a, batch& b) noexcept { std::swap(a.block_, b.block_); }

private:
    template <class U>
    friend struct detail::batch_access;

    using block_ptr = std::unique_ptr<detail::block<T>, detail::give_back>;

    auto events() -> typename detail::block<T>::container& {
        if (!block_) [[unlikely]]
            make_block();
        return block_->events;
    }
    // Apart, so that a loop that fills a batch stays small.
    [[gnu::cold, gnu::noinline]] void make_block() { block_.reset(new detail::block<T>); }

    void adopt(std::vector<T>&& events) {
        if constexpr (std::is_same_v<T, bool>) {
            for (bool event : events) push_back(event);
        } else {
            if (events.empty()) return;
            this->events() = std::move(events);
        }
    }

    block_ptr block_;
};

}  // namespace sluice
