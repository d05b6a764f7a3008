#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/core/api.hpp>
#include <sluice/core/partition_of.hpp>
#include <sluice/detail/flow/faults.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/discard.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// A way out of a layer's stage: an outlet, and the batch that is being filled for it. As the stage's body sees it.
class way_out {
public:
    virtual ~way_out() = default;

    /// Hands over the batch that was filled; is_taken() says whether all of it has found a taker.
    virtual void emit() = 0;
    virtual auto is_taken() const noexcept -> bool = 0;
    /// Gives up the batch that was filled, or what waits for a taker.
    virtual void discard(discard_reason why) noexcept = 0;
    virtual auto has_left() const noexcept -> bool = 0;
    virtual auto emit_wait() noexcept -> wait_slot& = 0;
};

template <class T>
class flow_outlet final : public way_out {
public:
    explicit flow_outlet(stage_core& owner) : core_(owner, outlet_options()) {}

    auto core() noexcept -> outlet_core<T>& { return core_; }

    void emit() override { core_.emit(std::move(events)); }
    auto is_taken() const noexcept -> bool override { return core_.is_taken(); }
    void discard(discard_reason why) noexcept override {
        core_.refuse(std::move(events), why);
        core_.discard_carry(why);
    }
    auto has_left() const noexcept -> bool override { return core_.all_left(); }
    auto emit_wait() noexcept -> wait_slot& override { return core_.emit_wait(); }

    batch<T> events;

private:
    outlet_core<T> core_;
};

/// The ways out of a layer's stage, whose events are kept until a batch is full or the stage would wait.
class SLUICE_API ways_out {
public:
    auto size() const noexcept -> std::size_t { return all_.size(); }
    /// Makes every outlet ready for events.
    void open();
    /// Must something be emitted?
    auto is_full() const noexcept -> bool { return is_full_; }
    /// One whose batch should go out: a full one, or any that is not empty. Null: none is left.
    auto pick(bool any) noexcept -> way_out*;
    /// Makes the one that was picked ready for the next events.
    void renew() { places_[picked_] = renew(picked_); }
    /// Nobody is left who would take an event.
    auto all_left() const noexcept -> bool;
    /// Gives up, visibly, what has not gone out.
    void discard(discard_reason why) noexcept;

protected:
    ~ways_out() = default;

    /// The first outlet from the i-th on with as many events as that.
    virtual auto find(std::size_t i, std::size_t events) noexcept -> std::size_t = 0;
    /// Gives an outlet an empty batch; answers the container in which that keeps its events.
    virtual auto renew(std::size_t i) -> void* = 0;

    std::vector<std::unique_ptr<way_out>> all_;
    std::vector<void*> places_;  // where put() writes, by outlet
    std::size_t batch_size_ = 1;
    bool is_full_ = false;

private:
    std::size_t picked_ = 0;
};

template <class T>
class flow_outlets final : public ways_out {
public:
    static constexpr bool exist = true;

    flow_outlets(stage_core& owner, std::size_t count, std::size_t batch_size) {
        batch_size_ = batch_size;
        for (std::size_t i = 0; i < count; ++i) all_.emplace_back(new flow_outlet<T>(owner));
    }

    auto operator[](std::size_t i) noexcept -> flow_outlet<T>& { return static_cast<flow_outlet<T>&>(*all_[i]); }

    /// Takes an event; false when its batch is full: then it must be emitted before the next put().
    auto put(std::size_t i, T&& event) -> bool {
        auto& events = *static_cast<typename block<T>::container*>(places_[i]);
        // There is room: a batch begins with all of it, and is emitted when it is full. Saying so keeps the
        // vector's growing out of the loops that end here.
        if (events.capacity() == events.size()) __builtin_unreachable();
        events.push_back(std::move(event));
        if (events.size() < batch_size_) return true;
        is_full_ = true;
        return false;
    }

private:
    auto find(std::size_t i, std::size_t events) noexcept -> std::size_t override {
        while (i < size() && (*this)[i].events.size() < events) ++i;
        return i;
    }
    auto renew(std::size_t i) -> void* override {
        auto& events = (*this)[i].events;
        events = (*this)[i].core().make_batch();
        events.reserve(batch_size_);
        return &batch_access<T>::peek(events)->events;
    }
};

// Where the steps of a layer end. Each is the last node of its chain.

/// No more steps, nothing open, and never enough.
struct flow_end {
    static constexpr char const* title = "output";  // as errors name it
    static auto resume(pace&) noexcept -> bool { return true; }
    static auto finish(pace&) noexcept -> bool { return true; }
    static constexpr auto is_done() noexcept -> bool { return false; }
};

/// Into the only outlet.
template <class T>
struct outlet_end : flow_end {
    explicit outlet_end(flow_outlets<T>& o) : outlets(&o) {}
    static constexpr bool never_throws = std::is_nothrow_move_constructible_v<T>;
    auto push(T&& event, pace&) -> bool { return outlets->put(0, std::move(event)); }

    flow_outlets<T>* outlets;
};

/// Into the outlet that the hash of the event's key says.
template <class T, class Key, class Hash>
struct partition_end : flow_end {
    static constexpr char const* title = "partition";
    partition_end(flow_outlets<T>& o, Key k, Hash h) : outlets(&o), key(std::move(k)), hash(std::move(h)) {}
    static constexpr bool notes_itself = std::is_nothrow_move_constructible_v<T>;
    auto push(T&& event, pace&) -> bool {
        auto const place = place_of(event);
        return outlets->put(core::partition_of(place, outlets->size()), std::move(event));
    }
    void note_in(step_faults& in, std::size_t step_number) noexcept {
        faults = &in;
        step = step_number;
    }

    auto place_of(T const& event) -> std::size_t {
        if constexpr (noexcept(hash(std::invoke(key, event)))) {
            return static_cast<std::size_t>(hash(std::invoke(key, event)));
        } else {
            fault_note note(*faults, step, true);
            return note.over(static_cast<std::size_t>(hash(std::invoke(key, event))));
        }
    }

    flow_outlets<T>* outlets;
    [[no_unique_address]] Key key;
    [[no_unique_address]] Hash hash;
    step_faults* faults = nullptr;
    std::size_t step = 0;
};

/// Nowhere: the steps were for their effects.
template <class T>
struct no_end : flow_end {
    static auto push(T&&, pace&) noexcept -> bool { return true; }
};

/// Into a function.
template <class T, class Fn>
struct function_end : flow_end {
    static constexpr char const* title = "for_each";
    explicit function_end(Fn f) : fn(std::move(f)) {}
    auto push(T&& event, pace&) -> bool {
        std::invoke(fn, std::move(event));
        return true;
    }

    Fn fn;
};

}  // namespace sluice::detail
