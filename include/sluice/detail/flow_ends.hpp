#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/detail/flow_nodes.hpp>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/detail/partition_of.hpp>
#include <sluice/outlet.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// A way out of a layer's stage: an outlet, and the batch that is being filled for it.
template <class T>
class flow_outlet {
public:
    flow_outlet(stage_core& owner, std::size_t n) : number(n), core_(owner, outlet_options()), outlet_(core_) {}

    auto core() noexcept -> outlet_core<T>& { return core_; }
    auto has_left() const noexcept -> bool { return core_.all_left(); }
    auto end() noexcept -> outlet<T>& { return outlet_; }

    std::size_t const number;
    batch<T> events;

private:
    outlet_core<T> core_;
    outlet<T> outlet_;
};

/// The ways out of a layer's stage, whose events are kept until a batch is full or the stage would wait.
template <class T>
class flow_outlets {
public:
    flow_outlets(stage_core& owner, std::size_t count, std::size_t batch_size) : batch_size_(batch_size) {
        for (std::size_t i = 0; i < count; ++i) all_.emplace_back(owner, i);
    }

    auto size() const noexcept -> std::size_t { return all_.size(); }
    auto operator[](std::size_t i) noexcept -> flow_outlet<T>& { return all_[i]; }
    auto begin() noexcept { return all_.begin(); }
    auto end() noexcept { return all_.end(); }

    /// Makes every outlet ready for put().
    void open() {
        places_.resize(all_.size());
        for (auto& each : all_) renew(each);
    }
    /// Takes an event; false when its batch is full: then it must be emitted before the next put().
    auto put(std::size_t i, T&& event) -> bool {
        auto& events = *places_[i];
        // There is room: a batch begins with all of it, and is emitted when it is full. Saying so keeps the
        // vector's growing out of the loops that end here.
        if (events.capacity() == events.size()) __builtin_unreachable();
        events.push_back(std::move(event));
        if (events.size() < batch_size_) return true;
        full_ = true;
        return false;
    }
    /// Must something be emitted?
    auto is_full() const noexcept -> bool { return full_; }
    /// One whose batch should go out: a full one, or any that is not empty. Null: none is left.
    auto pick(bool any) noexcept -> flow_outlet<T>* {
        for (auto& each : all_) {
            if (!each.events.empty() && (any || each.events.size() >= batch_size_)) return &each;
        }
        full_ = false;
        return nullptr;
    }
    void renew(flow_outlet<T>& emptied) {
        emptied.events = emptied.core().make_batch();
        emptied.events.reserve(batch_size_);
        places_[emptied.number] = &batch_access<T>::peek(emptied.events)->events;
    }
    /// Nobody is left who would take an event.
    auto all_left() const noexcept -> bool {
        for (auto const& each : all_) {
            if (!each.has_left()) return false;
        }
        return !all_.empty();
    }

private:
    std::deque<flow_outlet<T>> all_;
    std::vector<typename block<T>::container*> places_;  // where put() writes, by outlet
    std::size_t batch_size_;
    bool full_ = false;
};

// Where the steps of a layer end. Each is the last node of its chain.

/// No more steps and nothing open.
struct flow_end {
    static auto resume(pace&) noexcept -> bool { return true; }
    static auto finish(pace&) noexcept -> bool { return true; }
};

/// Into the only outlet.
template <class T>
struct outlet_end : flow_end {
    explicit outlet_end(flow_outlets<T>& o) : outlets(&o) {}
    auto push(T&& event, pace&) -> bool { return outlets->put(0, std::move(event)); }

    flow_outlets<T>* outlets;
};

/// Into the outlet that the hash of the event's key says.
template <class T, class Key, class Hash>
struct partition_end : flow_end {
    partition_end(flow_outlets<T>& o, Key k, Hash h) : outlets(&o), key(std::move(k)), hash(std::move(h)) {}
    auto push(T&& event, pace&) -> bool {
        auto const place = static_cast<std::size_t>(hash(std::invoke(key, std::as_const(event))));
        return outlets->put(partition_of(place, outlets->size()), std::move(event));
    }

    flow_outlets<T>* outlets;
    [[no_unique_address]] Key key;
    [[no_unique_address]] Hash hash;
};

/// Nowhere: the steps were for their effects.
template <class T>
struct no_end : flow_end {
    static auto push(T&&, pace&) noexcept -> bool { return true; }
};

/// Into a vector that somebody waits for.
template <class T>
struct vector_end : flow_end {
    explicit vector_end(std::shared_ptr<std::vector<T>> v) : all(std::move(v)) {}
    auto push(T&& event, pace&) -> bool {
        all->push_back(std::move(event));
        return true;
    }

    std::shared_ptr<std::vector<T>> all;
};

/// Into a function.
template <class T, class Fn>
struct function_end : flow_end {
    explicit function_end(Fn f) : fn(std::move(f)) {}
    auto push(T&& event, pace&) -> bool {
        std::invoke(fn, std::move(event));
        return true;
    }

    Fn fn;
};

}  // namespace sluice::detail
