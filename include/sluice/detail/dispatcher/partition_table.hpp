#pragma once

#include <algorithm>
#include <any>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <sluice/errc.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice::detail {

/// No partition: of an event, that nobody wants it.
inline constexpr auto no_partition = std::numeric_limits<std::uint32_t>::max();

template <class Key>
concept number_key = std::integral<Key> && !std::same_as<Key, bool> && !std::same_as<Key, char>;
template <class Key>
concept text_key = std::convertible_to<Key const&, std::string_view>;

/// A key for people, as far as it can be written.
template <class Key>
auto key_text(Key const& key) -> std::string {
    if constexpr (std::same_as<Key, bool>) {
        return key ? "true" : "false";
    } else if constexpr (std::same_as<Key, char>) {
        return {'\'', key, '\''};
    } else if constexpr (std::integral<Key>) {
        return std::to_string(key);
    } else if constexpr (text_key<Key>) {
        return '"' + std::string(std::string_view(key)) + '"';
    } else if constexpr (requires(std::ostringstream out) { out << key; }) {
        auto out = std::ostringstream();
        out << key;
        return std::move(out).str();
    } else {
        return "a key that cannot be printed";
    }
}

/// The keys of a dispatcher's partitions, and the place of each.
template <class Key>
class partition_table {
public:
    /// 0 … n - 1.
    explicit partition_table(std::size_t n) requires number_key<Key> : numbered_(true) {
        keys_.reserve(n);
        for (std::size_t i = 0; i < n; ++i) keys_.push_back(static_cast<Key>(i));
    }

    /// Throws system_error(errc::invalid_option) if a key is there twice.
    explicit partition_table(std::vector<Key> keys) : keys_(std::move(keys)) {
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            if (!places_.emplace(keys_[i], static_cast<std::uint32_t>(i)).second) {
                throw_invalid_option("partition_dispatcher: the list of keys must not name a partition twice (got " +
                                     key_text(keys_[i]) + ")");
            }
        }
    }

    auto size() const noexcept -> std::size_t { return keys_.size(); }
    auto keys() const noexcept -> std::vector<Key> const& { return keys_; }

    /// How many partitions there are if they are named 0 … n - 1, else 0.
    auto numbers() const noexcept -> std::size_t { return numbered_ ? size() : 0; }

    template <class Answer>
    static auto is_below(Answer answer, std::size_t n) noexcept -> bool {
        return std::cmp_greater_equal(answer, 0) && std::cmp_less(answer, n);
    }

    /// The place of the partition that `answer` names, or no_partition.
    template <class Answer>
    auto find(Answer const& answer) const -> std::uint32_t {
        if constexpr (number_key<Key> && number_key<Answer>) {
            if (!std::in_range<Key>(answer)) return no_partition;
            if (numbered_) return is_below(answer, size()) ? static_cast<std::uint32_t>(answer) : no_partition;
            return look_up(static_cast<Key>(answer));
        } else if constexpr (std::same_as<Answer, Key> || (text_key<Key> && text_key<Answer>)) {
            return look_up(answer);
        } else {
            return look_up(Key(answer));
        }
    }

    /// The place of the partition that a subscriber wants: a Key, for numbers also an int or std::size_t, for texts
    /// also a literal. Throws system_error(errc::invalid_option).
    auto find_wanted(std::any const& wanted) const -> std::uint32_t {
        if (!wanted.has_value()) throw_invalid_option("subscribe_options::partition must be given, " + list());
        auto got = std::string();
        auto const try_as = [&]<class As>(std::type_identity<As>) {
            auto const* const key = std::any_cast<As>(&wanted);
            auto const place = key ? find(*key) : no_partition;
            if (key && place == no_partition) got = key_text(*key);
            return place;
        };
        auto place = try_as(std::type_identity<Key>());
        if constexpr (number_key<Key>) {
            if (place == no_partition && !std::same_as<Key, int>) place = try_as(std::type_identity<int>());
            if (place == no_partition && !std::same_as<Key, std::size_t>)
                place = try_as(std::type_identity<std::size_t>());
        } else if constexpr (text_key<Key>) {
            if (place == no_partition && !std::same_as<Key, char const*>)
                place = try_as(std::type_identity<char const*>());
        }
        if (place == no_partition) {
            throw_invalid_option("subscribe_options::partition must be " + list() + " (got " +
                                 (got.empty() ? "a value that is no key of this dispatcher" : got) + ")");
        }
        return place;
    }

    /// "one of [0, 1, 2]", the first sixteen of them.
    auto list() const -> std::string {
        auto text = std::string("one of [");
        for (std::size_t i = 0; i < std::min<std::size_t>(size(), 16); ++i) {
            if (i > 0) text += ", ";
            text += key_text(keys_[i]);
        }
        return text + (size() > 16 ? ", ... " + std::to_string(size()) + " in all]" : "]");
    }

private:
    struct hash {
        using is_transparent = void;
        template <class Asked>
        auto operator()(Asked const& key) const -> std::size_t {
            if constexpr (text_key<Key>) {
                return std::hash<std::string_view>()(std::string_view(key));
            } else {
                return std::hash<Key>()(key);
            }
        }
    };

    template <class Asked>
    auto look_up(Asked const& key) const -> std::uint32_t {
        if (numbered_) return no_partition;
        if constexpr (text_key<Key>) {
            auto const found = places_.find(std::string_view(key));
            return found == places_.end() ? no_partition : found->second;
        } else {
            auto const found = places_.find(key);
            return found == places_.end() ? no_partition : found->second;
        }
    }

    std::vector<Key> keys_;
    std::unordered_map<Key, std::uint32_t, hash, std::equal_to<>> places_;  // for lists: only asked, never walked
    bool numbered_ = false;
};

}  // namespace sluice::detail
