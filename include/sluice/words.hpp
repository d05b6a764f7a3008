#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <sluice/text.hpp>
#include <utility>

namespace sluice {

namespace detail {

enum class word_byte : unsigned char { other, word, apostrophe };

inline constexpr auto word_bytes = [] {
    std::array<word_byte, 256> kinds{};
    for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
        bool const letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (letter || (byte >= '0' && byte <= '9') || byte >= 0x80) kinds[byte] = word_byte::word;
    }
    kinds['\''] = word_byte::apostrophe;
    return kinds;
}();

}  // namespace detail

/// The words of a text, found one by one as the range is walked. Made by `words`.
///
/// A forward range; its elements are values, texts that stay valid without it. Iterators point into the view and end
/// when it is moved or destroyed.
class word_view : public std::ranges::view_interface<word_view> {
public:
    class iterator {
    public:
        using value_type = text;
        using reference = text;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using iterator_concept = std::forward_iterator_tag;

        iterator() noexcept = default;

        /// The word as a text of its own. Does not allocate.
        auto operator*() const noexcept -> text {
            return detail::text_access::part(*x_line, x_word, static_cast<std::size_t>(x_after - x_word));
        }
        auto operator++() noexcept -> iterator& {
            advance();
            return *this;
        }
        auto operator++(int) noexcept -> iterator {
            auto before = *this;
            advance();
            return before;
        }
        friend auto operator==(iterator const& a, iterator const& b) noexcept -> bool { return a.x_word == b.x_word; }
        friend auto operator==(iterator const& at, std::default_sentinel_t) noexcept -> bool {
            return at.x_word == at.x_end;
        }

    private:
        friend word_view;
        explicit iterator(text const& line) noexcept : x_line{&line}, x_after{line.begin()}, x_end{line.end()} {
            advance();
        }

        static auto kind(char byte) noexcept -> detail::word_byte {
            return detail::word_bytes[static_cast<unsigned char>(byte)];
        }
        void advance() noexcept {
            auto const* at = x_after;
            while (at != x_end && kind(*at) != detail::word_byte::word) ++at;
            x_word = at;
            while (at != x_end) {
                if (auto const found = kind(*at); found != detail::word_byte::word) {
                    if (found == detail::word_byte::other) break;
                    if (at + 1 == x_end || kind(at[1]) != detail::word_byte::word) break;  // 'quoted'
                }
                ++at;
            }
            x_after = at;
        }

        text const* x_line = nullptr;
        char const* x_word = nullptr;   // x_end when there is no more
        char const* x_after = nullptr;  // behind the word
        char const* x_end = nullptr;
    };

    word_view() noexcept = default;
    explicit word_view(text line) noexcept : x_line{std::move(line)} {}

    [[nodiscard]] auto begin() const noexcept -> iterator { return iterator{x_line}; }
    [[nodiscard]] auto end() const noexcept -> std::default_sentinel_t { return {}; }

private:
    text x_line;
};

namespace detail {

struct words_function {
    auto operator()(text line) const noexcept -> word_view { return word_view{std::move(line)}; }
};

struct lower_case_function {
    auto operator()(text characters) const -> text {
        if (text_access::is_long(characters)) return lower_case_long(std::move(characters));
        // Eight bytes at once: bit 7 of each byte says whether it is an upper-case letter. The size never looks like
        // one.
        constexpr std::uint64_t each = 0x0101010101010101;
        for (auto& word : text_access::words(characters)) {
            auto const low = word & (each * 0x7f);
            auto const from_a = low + each * (0x80 - 'A');
            auto const after_z = low + each * (0x80 - 'Z' - 1);
            word |= ((from_a ^ after_z) & ~word & (each * 0x80)) >> 2;
        }
        return characters;
    }

private:
    static auto lower_case_long(text characters) -> text;
};

}  // namespace detail

/// `words(line)` are the words of a text: the longest runs of ASCII letters, digits and bytes above 0x7f (so UTF-8
/// passes whole), and apostrophes between two of these: "don't" is one word, "'quoted'" has none of its quotes. Case is
/// kept. A step of a flow: `flow::flat_map(words)`. Does not allocate; linear in the line. A word that is longer than
/// text::inline_capacity keeps the line's chunk alive: compact() it before keeping it.
inline constexpr detail::words_function words{};

/// `lower_case(characters)` is the text with A-Z made a-z; other bytes stay. `flow::map(lower_case)`. Allocates only
/// for a long text that has an upper-case letter; throws std::bad_alloc.
inline constexpr detail::lower_case_function lower_case{};

}  // namespace sluice
