#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/core/partition_of.hpp>
#include <sluice/detail/dispatcher/partition_table.hpp>
#include <sluice/text.hpp>
#include <sluice/text_hash.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// Throws system_error(errc::unknown_partition).
[[noreturn]] SLUICE_API void throw_unknown_partition(std::string const& answered, std::string const& known);

/// What a hash answers, without the optional.
template <class Answer>
struct answered_key {
    using type = Answer;
    static constexpr bool may_be_none = false;
};
template <class Answer>
struct answered_key<std::optional<Answer>> {
    using type = Answer;
    static constexpr bool may_be_none = true;
};
template <class Hash, class T>
using answer_of = answered_key<std::remove_cvref_t<std::invoke_result_t<Hash&, T&>>>;

/// Asks the hash for many events at once, so that its type is erased once a batch.
template <class T, class Key>
class partition_hash {
public:
    virtual ~partition_hash() = default;
    /// Writes the place of each event's partition. What the hash throws passes.
    virtual void place(std::span<T> events, partition_table<Key> const& table, std::uint32_t* places) = 0;
};

template <class T, class Key, class Hash>
class erased_partition_hash final : public partition_hash<T, Key> {
public:
    explicit erased_partition_hash(Hash hash) : hash_(std::move(hash)) {}

    void place(std::span<T> events, partition_table<Key> const& table, std::uint32_t* places) override {
        auto const numbers = table.numbers();
        for (T& event : events) {
            auto const& answer = std::invoke(hash_, event);
            if constexpr (answer_of<Hash, T>::may_be_none) {
                *places++ = answer ? known(*answer, table, numbers) : no_partition;
            } else {
                *places++ = known(answer, table, numbers);
            }
        }
    }

private:
    template <class Answer>
    static auto known(Answer const& answer, partition_table<Key> const& table, std::size_t numbers) -> std::uint32_t {
        if constexpr (number_key<Key> && number_key<Answer>) {
            if (partition_table<Key>::is_below(answer, numbers)) return static_cast<std::uint32_t>(answer);
        }
        auto const place = table.find(answer);
        if (place == no_partition) throw_unknown_partition(key_text(answer), table.list());
        return place;
    }

    Hash hash_;
};

template <class T>
concept hashable_event = std::same_as<T, text> || requires(T const& event) {
    { std::hash<T>()(event) } -> std::convertible_to<std::size_t>;
};

/// A number below `count` for an event.
template <class T>
struct hash_to_number {
    auto operator()(T const& event) const -> std::size_t {
        if constexpr (std::same_as<T, text>) {
            return core::partition_of(text_hash()(event), count);
        } else {
            return core::partition_of(std::hash<T>()(event), count);
        }
    }

    std::size_t count;
};

}  // namespace sluice::detail
