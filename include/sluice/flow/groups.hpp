#pragma once

#include <cstddef>
#include <sluice/core/keyed_table.hpp>
#include <sluice/flow/key_hash.hpp>
#include <utility>
#include <vector>

namespace sluice::flow {

/// The accumulator of flow::group_by in windows: a range of std::pair<Key, std::vector<Value>>, in the order in which
/// the keys came. Lookup O(1). Each key is kept twice.
template <class Key, class Value>
class groups {
public:
    using value_type = std::pair<Key, std::vector<Value>>;  ///< A key with its values.

    /// How many keys.
    auto size() const noexcept -> std::size_t { return all_.size(); }
    /// Whether there is none.
    auto empty() const noexcept -> bool { return all_.empty(); }
    /// The first key with its values. Keys must stay as they are.
    auto begin() noexcept { return all_.begin(); }
    /// Behind the last one.
    auto end() noexcept { return all_.end(); }
    /// The same, read-only.
    auto begin() const noexcept { return all_.begin(); }
    /// The same, read-only.
    auto end() const noexcept { return all_.end(); }

    /// The values of a key; null if it is not there.
    auto find(Key const& key) -> std::vector<Value>* {
        auto const* const place = places_.find(key_hash()(key), key);
        return place ? &all_[*place].second : nullptr;
    }
    /// The same; if it is not there, it comes last, and without values.
    auto operator[](Key const& key) -> std::vector<Value>& {
        if (auto* const known = find(key)) return *known;
        auto kept = detail::kept_key(key);
        auto again = kept;
        all_.emplace_back(std::move(again), std::vector<Value>());
        places_.add(key_hash()(key), std::move(kept), all_.size() - 1);
        return all_.back().second;
    }
    /// Drops all keys and values; keeps memory for as many keys.
    void clear() noexcept {
        all_.clear();
        places_.clear();
    }

private:
    std::vector<value_type> all_;
    core::keyed_table<Key, std::size_t> places_;
};

}  // namespace sluice::flow
