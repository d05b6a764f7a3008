#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <sluice/core/api.hpp>
#include <sluice/detail/text/word_scan.hpp>
#include <sluice/text.hpp>
#include <utility>

namespace sluice {

/// The words of a text, found one by one as the range is walked. Made by `words`.
///
/// A forward range; its elements are values, texts that stay valid without it. Iterators point into the view and end
/// when it is moved or destroyed.
class word_view : public std::ranges::view_interface<word_view> {
public:
    /// Goes from word to word. A forward iterator, but for its elements, which are values.
    class iterator {
    public:
        using value_type = text;                             ///< As std::iterator_traits has it.
        using reference = text;                              ///< As std::iterator_traits has it.
        using difference_type = std::ptrdiff_t;              ///< As std::iterator_traits has it.
        using iterator_category = std::input_iterator_tag;   ///< As std::iterator_traits has it.
        using iterator_concept = std::forward_iterator_tag;  ///< As std::iterator_traits has it.

        iterator() noexcept = default;

        /// The word as a text of its own. Does not allocate.
        auto operator*() const noexcept -> text {
            return detail::text_access::part(*line_, word_, static_cast<std::size_t>(after_ - word_));
        }
        /// To the next word; not at the end.
        auto operator++() noexcept -> iterator& {
            advance();
            return *this;
        }
        /// The same; answers where it was.
        auto operator++(int) noexcept -> iterator {
            auto before = *this;
            advance();
            return before;
        }
        /// Whether both are at the same word of the same view.
        friend auto operator==(iterator const& a, iterator const& b) noexcept -> bool { return a.word_ == b.word_; }
        /// Whether it is at the end.
        friend auto operator==(iterator const& at, std::default_sentinel_t) noexcept -> bool {
            return at.word_ == at.end_;
        }

    private:
        friend word_view;
        explicit iterator(text const& line) noexcept
            : line_{&line}, window_{line.begin()}, end_{line.end()}, bits_{look()} {
            advance();
        }

        void advance() noexcept {
            while (bits_ == 0) {
                if (end_ - window_ <= 64) {
                    word_ = after_ = end_;
                    return;
                }
                window_ += 64;
                bits_ = look();
            }
            auto const begin = std::countr_zero(bits_);
            word_ = window_ + begin;
            take_run(begin);
            while (end_ - after_ > 1 && *after_ == '\'' &&
                   detail::is_word_byte[static_cast<unsigned char>(after_[1])]) {
                if (bits_ == 0) {
                    window_ += 64;
                    bits_ = look();
                }
                take_run(std::countr_zero(bits_));
            }
        }

        // The run that begins at this bit of the window, and maybe goes on in the next windows.
        void take_run(int begin) noexcept {
            auto after = begin + std::countr_one(bits_ >> begin);
            while (after == 64) {
                bits_ = 0;
                if (end_ - window_ <= 64) break;
                window_ += 64;
                bits_ = look();
                after = std::countr_one(bits_);
            }
            after_ = window_ + after;
            if (after != 64) bits_ &= ~std::uint64_t{0} << after;
        }
        auto look() const noexcept -> std::uint64_t {
            return detail::text_access::is_long(*line_) ? detail::word_bits_wide(window_, end_)
                                                        : detail::word_bits(window_, end_);
        }

        text const* line_ = nullptr;
        char const* word_ = nullptr;    // end_ when there is no more
        char const* after_ = nullptr;   // behind the word
        char const* window_ = nullptr;  // 64 bytes that are being looked at,
        char const* end_ = nullptr;
        std::uint64_t bits_ = 0;  // and which of them belong to words that are still to come
    };

    word_view() noexcept = default;
    /// The words of this text, which the view keeps.
    explicit word_view(text line) noexcept : line_{std::move(line)} {}

    /// The first word. Linear in what stands before it.
    [[nodiscard]] auto begin() const noexcept -> iterator { return iterator{line_}; }
    /// Behind the last word.
    [[nodiscard]] auto end() const noexcept -> std::default_sentinel_t { return {}; }

private:
    text line_;
};

namespace detail {

struct words_function {
    auto operator()(text line) const noexcept -> word_view { return word_view{std::move(line)}; }
};

struct SLUICE_API lower_case_function {
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
