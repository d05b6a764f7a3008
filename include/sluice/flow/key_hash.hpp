#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <sluice/text.hpp>
#include <sluice/text_hash.hpp>
#include <type_traits>

namespace sluice::flow {

/// std::hash of whatever the key function gives; of a text the faster text_hash.
struct key_hash {
    /// The hash. Throws what the key's own does.
    template <class Key>
    auto operator()(Key const& key) const -> std::size_t {
        if constexpr (std::same_as<Key, text>) {
            return text_hash()(key);
        } else {
            return std::hash<Key>()(key);
        }
    }
};

}  // namespace sluice::flow

namespace sluice::detail {

/// What a key function gives, and what can hash it.
template <class Key, class T>
using key_of = std::remove_cvref_t<std::invoke_result_t<Key&, T const&>>;
template <class K>
concept has_std_hash = requires(K const& key) {
    { std::hash<K>()(key) } -> std::convertible_to<std::size_t>;
};

/// A key function whose keys a table can keep.
template <class Key, class T>
concept table_key = std::invocable<Key&, T const&> && has_std_hash<key_of<Key, T>> &&
    std::equality_comparable<key_of<Key, T>> && std::copy_constructible<key_of<Key, T>>;

/// A key as a table keeps it: without the file that a text was read from.
template <class K>
auto kept_key(K const& key) -> K {
    if constexpr (std::same_as<K, text>) {
        return key.compact();
    } else {
        return key;
    }
}

}  // namespace sluice::detail
