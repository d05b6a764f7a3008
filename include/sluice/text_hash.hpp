#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <sluice/text.hpp>
#include <string_view>

namespace sluice {

/// A hash for tables whose keys are texts, ten times as fast as std::hash for short ones: it takes their 24 bytes as
/// numbers, whatever their length, where std::hash goes byte by byte and surprises the branch predictor.
///
/// Equal characters have equal hashes, as text, std::string, std::string_view or literal, so a table with
/// std::equal_to<> can be asked for any of these. All bits are mixed: boost::unordered_flat_map uses them as they are.
/// The values differ from those of std::hash, and from one kind of processor to another. No seed: not against an
/// adversary who chooses the keys.
///
///     boost::unordered_flat_map<sluice::text, std::size_t, sluice::text_hash, std::equal_to<>> counts;
struct text_hash {
    using is_transparent = void;  ///< Look-up takes whatever is hashed, without making a text of it.
    using is_avalanching = void;  ///< For Boost.Unordered: the hash needs no mixing after it.

    /// Does not throw for a text.
    auto operator()(text const& characters) const -> std::size_t {
        if (detail::text_access::is_long(characters)) return of_long(characters.view());
        return of_words(detail::text_access::words(characters));
    }
    /// The same for whatever is like a std::string_view; equal to that of an equal text.
    template <detail::text_like Characters>
    auto operator()(Characters const& characters) const -> std::size_t {
        std::string_view const view(characters);
        if (view.size() > text::inline_capacity) return of_long(view);
        text const same{view};
        return of_words(detail::text_access::words(same));
    }

private:
    static auto mix(std::uint64_t a, std::uint64_t b) noexcept -> std::uint64_t {
#ifdef __SIZEOF_INT128__
        __extension__ using wide = unsigned __int128;
        auto const product = static_cast<wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
        auto const mixed = (a ^ std::rotl(b, 32)) * 0x9e3779b97f4a7c15U;
        return (mixed ^ (mixed >> 29)) * (b | 1);
#endif
    }
    static auto of_words(std::array<std::uint64_t, 3> const& words) noexcept -> std::size_t {
        auto const first = mix(words[0] ^ 0x9e3779b97f4a7c15U, words[1] ^ 0xbf58476d1ce4e5b9U);
        return static_cast<std::size_t>(mix(first ^ words[2], 0x94d049bb133111ebU));
    }
    static auto of_long(std::string_view view) -> std::size_t {
        return static_cast<std::size_t>(mix(std::hash<std::string_view>{}(view), 0x94d049bb133111ebU));
    }
};

}  // namespace sluice
