#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <sluice/detail/word_scan.hpp>
#include <sluice/text.hpp>
#include <utility>

namespace sluice {

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
        explicit iterator(text const& line) noexcept
            : x_line{&line}, x_window{line.begin()}, x_end{line.end()}, x_bits{look()} {
            advance();
        }

        void advance() noexcept {
            while (x_bits == 0) {
                if (x_end - x_window <= 64) {
                    x_word = x_after = x_end;
                    return;
                }
                x_window += 64;
                x_bits = look();
            }
            auto const begin = std::countr_zero(x_bits);
            x_word = x_window + begin;
            take_run(begin);
            while (x_end - x_after > 1 && *x_after == '\'' &&
                   detail::is_word_byte[static_cast<unsigned char>(x_after[1])]) {
                if (x_bits == 0) {
                    x_window += 64;
                    x_bits = look();
                }
                take_run(std::countr_zero(x_bits));
            }
        }

        // The run that begins at this bit of the window, and maybe goes on in the next windows.
        void take_run(int begin) noexcept {
            auto after = begin + std::countr_one(x_bits >> begin);
            while (after == 64) {
                x_bits = 0;
                if (x_end - x_window <= 64) break;
                x_window += 64;
                x_bits = look();
                after = std::countr_one(x_bits);
            }
            x_after = x_window + after;
            if (after != 64) x_bits &= ~std::uint64_t{0} << after;
        }
        auto look() const noexcept -> std::uint64_t {
            return detail::text_access::is_long(*x_line) ? detail::word_bits_wide(x_window, x_end)
                                                         : detail::word_bits(x_window, x_end);
        }

        text const* x_line = nullptr;
        char const* x_word = nullptr;    // x_end when there is no more
        char const* x_after = nullptr;   // behind the word
        char const* x_window = nullptr;  // 64 bytes that are being looked at,
        char const* x_end = nullptr;
        std::uint64_t x_bits = 0;  // and which of them belong to words that are still to come
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
