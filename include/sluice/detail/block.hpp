#pragma once

#include <atomic>
#include <boost/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/core/bool_buffer.hpp>
#include <sluice/core/copyable.hpp>
#include <sluice/core/subscription_table.hpp>
#include <sluice/detail/footprint.hpp>
#include <sluice/detail/loan_runs.hpp>
#include <sluice/detail/message.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {
template <class T>
class batch;
}

namespace sluice::detail {

/// Says that a consumer needs a copy of an event that cannot be copied.
[[noreturn]] SLUICE_API void throw_not_copyable();

template <class T>
class recycler;
template <class T>
struct shared_batch_access;
class link;

/// What a batch owns: its events, and all that is needed to send them as one message and to give the buffer back.
///
/// A block may instead stand for events that lie in another one, its lender: so consumers share what they all get.
/// materialize() makes it an ordinary one, and is called on the consumer's side, before anybody looks.
template <class T>
struct block final : message {
    // std::vector<bool> has no elements to point to.
    using container = std::conditional_t<std::is_same_v<T, bool>, core::bool_buffer, std::vector<T>>;

    block() : message(nullptr) {}
    ~block() { end_loan(); }
    block(block const&) = delete;
    auto operator=(block const&) -> block& = delete;

    auto begin() noexcept -> T* { return events.data() + offset; }
    auto size() const noexcept -> std::size_t { return lender ? borrowed : events.size() - offset; }
    auto rest() noexcept -> std::span<T> { return {begin(), size()}; }
    void clear() noexcept {
        end_loan();
        events.clear();
        offset = 0;
        acknowledged = false;
    }

    /// Stands for `part` of the lender's events too, which lie behind those it stands for already.
    void borrow(block& owner, std::span<T> part) {
        runs.add(static_cast<std::size_t>(part.data() - owner.events.data()), part.size());
        borrowed += part.size();
        if (std::exchange(lender, &owner) == nullptr) owner.holders.fetch_add(1, std::memory_order_relaxed);
    }
    /// Takes the events over: moves them if nobody else holds the lender, else copies. If that throws, it stands for
    /// them as before.
    void materialize() {
        if (!lender) return;
        leave(footprint::reads, lender);
        bool const mine = lender->holders.load(std::memory_order_acquire) == 1;
        try {
            events.reserve(borrowed);
            for (std::size_t i = 0; i < runs.size(); ++i)
                take_over(std::span<T>(lender->events.data() + runs[i].first, runs[i].count), mine);
        } catch (...) {
            events.clear();
            throw;
        }
        end_loan();
    }
    /// Of what this block stands for, `into` stands for the first n instead.
    void split_loan(block& into, std::size_t n) {
        into.runs.reserve(runs.size());
        std::size_t used = 0;
        for (auto left = n; left > 0; ++used) {
            auto& front = runs[used];
            auto const count = front.count < left ? front.count : left;
            into.borrow(*lender, {lender->events.data() + front.first, count});
            left -= count;
            if (count == front.count) continue;
            front = {front.first + count, front.count - count};
            break;
        }
        runs.drop(used);
        borrowed -= n;
    }
    void end_loan() noexcept {
        runs.clear();
        borrowed = 0;
        if (auto* owner = std::exchange(lender, nullptr)) owner->let_go();
    }
    /// Of a lender: one who held it is done.
    void let_go() noexcept;

    block* lender = nullptr;  // whose events it stands for
    loan_runs runs;           // which of them
    std::size_t borrowed = 0;
    std::atomic<std::size_t> holders = 0;  // of a lender: those who borrow from it, and its producer

    container events;
    std::size_t offset = 0;      // events before it were handed on
    bool acknowledged = false;   // given back after its demand had been renewed
    link* over = nullptr;        // the subscription it is sent over
    core::subscription_id from;  // the same, for when that may have ended
    boost::intrusive_ptr<recycler<T>> home;

private:
    /// The room is there.
    void take_over(std::span<T> part, bool mine) {
        if constexpr (core::is_copied_as_bytes<T>) {
            events.insert(events.end(), part.begin(), part.end());
            return;
        }
        for (T& event : part) {
            if (mine) {
                events.push_back(std::move(event));
            } else if constexpr (core::is_copyable<T>) {
                events.push_back(std::as_const(event));
            } else {
                throw_not_copyable();
            }
        }
    }
};

/// Buffers that consumers have given back, for the producer that made them.
///
/// Consumers push onto an atomic stack; the producer takes the whole stack at once, so there is no ABA problem. The
/// number of blocks is bounded by what is in flight, and so by demand.
template <class T>
class recycler : public boost::intrusive_ref_counter<recycler<T>, boost::thread_safe_counter> {
public:
    recycler() = default;
    recycler(recycler const&) = delete;
    auto operator=(recycler const&) -> recycler& = delete;

    /// A block, empty. For the producer alone.
    auto take() -> block<T>* {
        if (!mine_) mine_ = static_cast<block<T>*>(returned_.exchange(nullptr, std::memory_order_acquire));
        if (!mine_) {
            auto* fresh = new block<T>;
            fresh->home.reset(this);
            return fresh;
        }
        auto* reused = mine_;
        mine_ = static_cast<block<T>*>(reused->next);
        reused->next = nullptr;
        return reused;
    }

    /// Gives a block back. From any thread. The block may hold the last reference to its recycler: nothing is touched
    /// after it was deleted.
    void give(block<T>* returned) noexcept {
        returned->clear();
        if (returned->events.capacity() * sizeof(T) > largest_kept) {
            delete returned;
            return;
        }
        message* head = returned_.load(std::memory_order_relaxed);
        do {
            if (head == &closed_) {
                delete returned;
                return;
            }
            returned->next = head;
        } while (
            !returned_.compare_exchange_weak(head, returned, std::memory_order_release, std::memory_order_relaxed));
    }

    /// The producer is done: frees what came back, and has the rest freed as it comes. Breaks the cycle of references.
    void close() noexcept {
        free(mine_);
        mine_ = nullptr;
        auto* head = returned_.exchange(&closed_, std::memory_order_acquire);
        if (head != &closed_) free(head);
    }

private:
    struct mark final : message {
        mark() : message(nullptr) {}
    };

    static void free(message* list) noexcept {
        while (list) delete static_cast<block<T>*>(std::exchange(list, list->next));
    }

    static constexpr std::size_t largest_kept = std::size_t{1} << 20;  // bytes

    std::atomic<message*> returned_ = nullptr;
    block<T>* mine_ = nullptr;
    mark closed_;
};

struct give_back {
    template <class T>
    void operator()(block<T>* b) const noexcept {
        if (b->home) {
            b->home->give(b);
        } else {
            delete b;
        }
    }
};

template <class T>
void block<T>::let_go() noexcept {
    leave(footprint::writes, this);
    if (holders.fetch_sub(1, std::memory_order_acq_rel) == 1) give_back()(this);
}

/// The runtime's way into a batch.
template <class T>
struct batch_access {
    static auto adopt(block<T>* b) -> batch<T> {
        batch<T> result;
        result.block_.reset(b);
        return result;
    }
    static auto release(batch<T>& from) noexcept -> block<T>* { return from.block_.release(); }
    static auto peek(batch<T> const& of) noexcept -> block<T>* { return of.block_.get(); }
};

}  // namespace sluice::detail
