#pragma once

#include <cstddef>
#include <functional>
#include <sluice/batch.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/block.hpp>
#include <sluice/detail/footprint.hpp>
#include <span>
#include <utility>

namespace sluice::detail {

// What a producer does with a batch that waits for takers. Of one that is lent, several consumers may hold what was
// handed out, so from the first loan on nothing is moved out of that part; what was not handed out is nobody else's.

template <class T>
auto is_lent(block<T> const* b) noexcept -> bool {
    return b && b->holders.load(std::memory_order_relaxed) > 0;
}

/// The producer is the first who holds it.
template <class T>
void begin_lending(block<T>& b) noexcept {
    if (is_lent(&b)) return;
    leave(footprint::begins, &b);
    b.holders.store(1, std::memory_order_relaxed);
}

/// The producer is done with it.
template <class T>
void part_with(block<T>* b) noexcept {
    if (!b) return;
    if (is_lent(b)) {
        b->let_go();
    } else {
        give_back()(b);
    }
}

template <class T>
auto is_part(std::span<T> part, std::span<T> of) noexcept -> bool {
    return std::less_equal<>()(of.data(), part.data()) && std::less<>()(part.data(), of.data() + of.size());
}

/// What is left of it, as a batch of its own: moved into `own` if others hold the rest.
template <class T>
auto own_rest(block<T>* b, batch<T> own) -> batch<T> {
    if (!is_lent(b)) return batch_access<T>::adopt(b);
    auto const done = core::on_exit([b] { b->let_go(); });
    for (T& event : b->rest()) own.push_back(std::move(event));
    return own;
}

/// Drops each of its first n events that `is_gone(index)` says has gone, and answers how many of the others could not
/// be kept, because their moves throw.
template <class T, class IsGone>
auto forget(block<T>*& b, std::size_t n, IsGone is_gone) noexcept -> std::size_t {
    std::size_t gone = 0;
    while (gone < n && is_gone(gone)) ++gone;
    bool prefix = true;  // as it is, but where a dispatcher queues
    for (auto i = gone; i < n && prefix; ++i) prefix = !is_gone(i);
    if (prefix) {
        b->offset += gone;
        return 0;
    }
    auto const whole = batch_access<T>::adopt(std::exchange(b, nullptr));
    std::size_t lost = 0;
    batch<T> left;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (i < n && is_gone(i)) continue;
        try {
            left.push_back(std::move(batch_access<T>::peek(whole)->begin()[i]));
        } catch (...) {
            ++lost;
        }
    }
    b = batch_access<T>::release(left);
    return lost;
}

}  // namespace sluice::detail
