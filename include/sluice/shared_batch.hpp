#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/detail/block.hpp>
#include <utility>

namespace sluice {

/// Events that travel together, to look at and not to change: perhaps several consumers look at the same ones, which
/// were not copied for any of them. A range of `T const`, in order.
///
/// @par Thread safety
/// Distinct objects: safe, as far as looking at an event is. Shared objects: unsafe.
template <class T>
class shared_batch {
    using block = detail::block<T>;

public:
    using value_type = T;           ///< The type of the events.
    using size_type = std::size_t;  ///< Of numbers of events.

    /// A forward iterator; good as long as the shared batch it is of, or a copy of that.
    class iterator {
    public:
        using value_type = T;                                 ///< As std::iterator_traits has it.
        using difference_type = std::ptrdiff_t;               ///< As std::iterator_traits has it.
        using reference = T const&;                           ///< As std::iterator_traits has it.
        using pointer = T const*;                             ///< As std::iterator_traits has it.
        using iterator_category = std::forward_iterator_tag;  ///< As std::iterator_traits has it.

        iterator() = default;

        /// The event; not at the end.
        auto operator*() const noexcept -> T const& { return *at_; }
        /// The event; not at the end.
        auto operator->() const noexcept -> T const* { return at_; }
        /// To the next event; not at the end.
        auto operator++() noexcept -> iterator& {
            --left_;
            if (++at_ == end_of_run_ && left_ > 0) next_run();
            return *this;
        }
        /// The same; answers where it was.
        auto operator++(int) noexcept -> iterator {
            auto const before = *this;
            ++*this;
            return before;
        }
        /// Whether both are at the same event of the same batch, or at an end.
        friend auto operator==(iterator const& a, iterator const& b) noexcept -> bool { return a.left_ == b.left_; }

    private:
        friend class shared_batch;
        iterator(block const& of, std::size_t size) noexcept : of_(&of), left_(size) {
            if (size == 0) return;
            if (of.lender) {
                next_run();
            } else {
                at_ = of.events.data() + of.offset;
                end_of_run_ = at_ + size;
            }
        }
        void next_run() noexcept {
            auto const& run = of_->runs[run_++];
            at_ = std::as_const(of_->lender->events).data() + run.first;
            end_of_run_ = at_ + run.count;
        }

        block const* of_ = nullptr;
        T const* at_ = nullptr;
        T const* end_of_run_ = nullptr;
        std::size_t run_ = 0;
        std::size_t left_ = 0;
    };
    using const_iterator = iterator;  ///< All iterators are: the events are shared.

    shared_batch() noexcept = default;
    /// The events of a batch. None is moved.
    explicit shared_batch(batch<T>&& events) noexcept : block_(detail::batch_access<T>::release(events)) {}

    /// How many events.
    auto size() const noexcept -> std::size_t { return block_ ? block_->size() : 0; }
    /// Whether there is none.
    auto empty() const noexcept -> bool { return size() == 0; }
    /// The first event.
    auto begin() const noexcept -> iterator { return block_ ? iterator(*block_, block_->size()) : iterator(); }
    /// Behind the last event.
    auto end() const noexcept -> iterator { return iterator(); }
    /// The first event; there must be one.
    auto front() const noexcept -> T const& { return *begin(); }

    /// The events to change and to keep: copied, or moved if nobody else has them any more. The shared batch is empty
    /// afterwards. Throws what a copy throws, errc::not_copyable where T cannot be copied and has to be.
    auto to_batch() && -> batch<T> {
        if (!block_) return {};
        block_->materialize();
        return detail::batch_access<T>::adopt(block_.release());
    }

private:
    template <class U>
    friend struct detail::shared_batch_access;

    std::unique_ptr<block, detail::give_back> block_;
};

namespace detail {

/// The runtime's way into a shared batch.
template <class T>
struct shared_batch_access {
    static auto adopt(block<T>* b) -> shared_batch<T> {
        shared_batch<T> result;
        result.block_.reset(b);
        return result;
    }
    static auto release(shared_batch<T>& from) noexcept -> block<T>* { return from.block_.release(); }
};

}  // namespace detail

}  // namespace sluice
