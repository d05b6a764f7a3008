#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace sluice::core {

/// A hash table whose entries lie one behind the other in the order in which their keys came. So walking it gives the
/// same in every run, whatever the hashes are.
///
/// The caller hashes, and gives the same hash for equal keys; all its bits count, none need be good. O(1) an operation,
/// amortised. Memory: the entries, with a hash each, and 4 to 8 bytes an entry beside them. Entries move when one is
/// added. At most 2^31 entries.
template <class Key, class Value>
class keyed_table {
public:
    /// A key with what belongs to it.
    struct entry {
        Key key;           ///< by which it is found
        Value value;       ///< what it is for
        std::size_t hash;  ///< of the key, as it was given
    };

    /// How many entries.
    auto size() const noexcept -> std::size_t { return entries_.size(); }
    /// Whether there is none.
    auto empty() const noexcept -> bool { return entries_.empty(); }
    /// In the order in which they were added. Keys must stay as they are while more is looked up.
    auto entries() noexcept -> std::vector<entry>& { return entries_; }

    /// The value of a key; null if it is not there.
    template <class K>
    auto find(std::size_t hash, K const& key) -> Value* {
        if (places_.empty()) return nullptr;
        for (auto at = first(hash);; at = next(at)) {
            if (places_[at] == none) return nullptr;
            auto& found = entries_[places_[at]];
            if (found.hash == hash && found.key == key) return &found.value;
        }
    }

    /// Adds a key, which must not be there yet. If anything throws, nothing has changed.
    auto add(std::size_t hash, Key key, Value value) -> Value& {
        if (2 * (entries_.size() + 1) > places_.size()) grow();
        entries_.push_back(entry{std::move(key), std::move(value), hash});
        place(entries_.size() - 1);
        return entries_.back().value;
    }

    /// Keeps the memory.
    void clear() noexcept {
        entries_.clear();
        for (auto& each : places_) each = none;
    }

    /// Exchanges their entries. O(1).
    friend void swap(keyed_table& a, keyed_table& b) noexcept {
        std::swap(a.entries_, b.entries_);
        std::swap(a.places_, b.places_);
    }

private:
    using index = std::uint32_t;
    static constexpr index none = std::numeric_limits<index>::max();

    /// The finaliser of MurmurHash3: every bit of the hash changes every bit of the place.
    static auto mixed(std::size_t hash) noexcept -> std::uint64_t {
        auto h = static_cast<std::uint64_t>(hash);
        h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
        h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
        return h ^ (h >> 33);
    }
    auto first(std::size_t hash) const noexcept -> std::size_t {
        return static_cast<std::size_t>(mixed(hash)) & (places_.size() - 1);
    }
    auto next(std::size_t at) const noexcept -> std::size_t { return (at + 1) & (places_.size() - 1); }

    void place(std::size_t i) noexcept {
        auto at = first(entries_[i].hash);
        while (places_[at] != none) at = next(at);
        places_[at] = static_cast<index>(i);
    }
    void grow() {
        if (entries_.size() >= std::size_t{1} << 31) throw std::length_error("sluice: too many keys in one stage");
        std::vector<index> larger(places_.empty() ? 16 : 2 * places_.size(), none);
        places_.swap(larger);
        for (std::size_t i = 0; i < entries_.size(); ++i) place(i);
    }

    std::vector<entry> entries_;
    std::vector<index> places_;  // a power of two, at most half full
};

}  // namespace sluice::core
