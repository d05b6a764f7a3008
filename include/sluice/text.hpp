#pragma once

#include <sluice/core/api.hpp>
#include <sluice/core/text_chunk.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sluice {

class text;

namespace detail {

/// What a text can be compared with: all that reads as a std::string_view, except texts.
template <class T>
concept text_like = std::convertible_to<T const&, std::string_view> && !std::same_as<std::remove_cvref_t<T>, text>;

/// 24 bytes of ones, then 24 of zeros: read at `24 - n` it keeps the first n of 24 bytes, without a branch.
inline constexpr auto text_masks = [] {
    std::array<unsigned char, 48> masks{};
    for (std::size_t i = 0; i < 24; ++i) masks[i] = 0xff;
    return masks;
}();

struct text_access;

}  // namespace detail

/// Characters that never change, as an event: it reads like a std::string_view and is safe to keep.
///
/// Up to `inline_capacity` bytes lie in the object itself. A longer text shares a chunk of memory, most often the piece
/// of a file in which it was read, and keeps that chunk alive. So lines and words of a file cost no allocation, and
/// short words do not touch a shared counter.
///
/// Lifetime: a view, pointer or iterator into a *short* text points into that object. It ends when the object is moved
/// from, assigned to or destroyed, as with a short std::string. A *long* text's characters stay where they are as long
/// as any text shares them.
///
/// Memory: a long text keeps its whole chunk (256 KiB for a line of a file). Call `compact()` on what is kept for long,
/// such as the keys of a table.
///
/// Thread safety: as int. Texts that share a chunk may be copied and destroyed by different threads.
class SLUICE_API text {
public:
    using value_type = char;                 ///< As in std::string_view.
    using size_type = std::size_t;           ///< As in std::string_view.
    using difference_type = std::ptrdiff_t;  ///< As in std::string_view.
    using const_reference = char const&;     ///< Characters cannot be changed.
    using reference = const_reference;       ///< Characters cannot be changed.
    using const_iterator = char const*;      ///< Characters lie side by side.
    using iterator = const_iterator;         ///< Characters cannot be changed.

    /// What find() answers when there is no such part.
    static constexpr std::size_t npos = std::string_view::npos;
    /// The longest text that needs no chunk, in bytes.
    static constexpr std::size_t inline_capacity = 23;

    /// The empty text.
    text() noexcept = default;

    /// A text of its own: the characters are copied, into a new chunk when they are many. Throws std::bad_alloc.
    text(char const* characters) : text(std::string_view{characters}) {}  // NOLINT: as std::string
    /// The same.
    text(std::string const& characters) : text(std::string_view{characters}) {}  // NOLINT: as std::string_view
    /// The same.
    explicit text(std::string_view characters);
    text(std::nullptr_t) = delete;

    /// Shares the chunk; O(1), does not allocate.
    text(text const& other) noexcept : words_{one_by_one(other.words_)} {
        if (is_long()) chunk()->retain();
    }
    /// Leaves `other` empty.
    text(text&& other) noexcept : words_{one_by_one(other.words_)} { other.words_ = words{}; }

    /// Takes the same characters; a long text's chunk is shared, not copied.
    auto operator=(text const& other) noexcept -> text& {
        text copy{other};
        swap(*this, copy);
        return *this;
    }
    /// Takes the characters of the other, and leaves it empty.
    auto operator=(text&& other) noexcept -> text& {
        text moved{std::move(other)};
        swap(*this, moved);
        return *this;
    }

    ~text() {
        if (is_long()) chunk()->release();
    }

    /// Exchanges their characters. O(1).
    friend void swap(text& a, text& b) noexcept { std::swap(a.words_, b.words_); }

    /// @{
    /// As in std::string_view; there is no zero behind the last character.
    [[nodiscard]] auto data() const noexcept -> char const* {
        return is_long() ? reinterpret_cast<char const*>(static_cast<std::uintptr_t>(words_[0]))
                         : reinterpret_cast<char const*>(words_.data());
    }
    [[nodiscard]] auto size() const noexcept -> std::size_t {
        if constexpr (little) {
            return static_cast<std::size_t>(is_long() ? words_[2] & ~long_mark : words_[2] >> 56);
        } else {
            return static_cast<std::size_t>(is_long() ? words_[2] >> 8 : words_[2] & 0xff);
        }
    }
    [[nodiscard]] auto length() const noexcept -> std::size_t { return size(); }
    [[nodiscard]] auto empty() const noexcept -> bool { return size() == 0; }

    [[nodiscard]] auto begin() const noexcept -> const_iterator { return data(); }
    [[nodiscard]] auto end() const noexcept -> const_iterator { return data() + size(); }
    [[nodiscard]] auto cbegin() const noexcept -> const_iterator { return begin(); }
    [[nodiscard]] auto cend() const noexcept -> const_iterator { return end(); }
    /// @}

    /// The byte at `position`, which must be less than size().
    [[nodiscard]] auto operator[](std::size_t position) const noexcept -> char const& { return data()[position]; }
    /// The same, checked. Throws std::out_of_range.
    [[nodiscard]] auto at(std::size_t position) const -> char const&;
    /// The first byte; there must be one.
    [[nodiscard]] auto front() const noexcept -> char const& { return data()[0]; }
    /// The last byte; there must be one.
    [[nodiscard]] auto back() const noexcept -> char const& { return data()[size() - 1]; }

    /// The characters as a view, with all that std::string_view can do. See "Lifetime" above.
    [[nodiscard]] auto view() const noexcept -> std::string_view { return {data(), size()}; }
    /// The same as view().
    operator std::string_view() const noexcept { return view(); }  // NOLINT: as std::string

    /// A copy that owes nothing to any chunk.
    [[nodiscard]] auto str() const -> std::string { return std::string{view()}; }
    /// The same as str().
    explicit operator std::string() const { return str(); }

    /// @{
    /// As in std::string_view.
    [[nodiscard]] auto starts_with(std::string_view prefix) const noexcept -> bool {
        return view().starts_with(prefix);
    }
    [[nodiscard]] auto starts_with(char prefix) const noexcept -> bool { return view().starts_with(prefix); }
    [[nodiscard]] auto ends_with(std::string_view suffix) const noexcept -> bool { return view().ends_with(suffix); }
    [[nodiscard]] auto ends_with(char suffix) const noexcept -> bool { return view().ends_with(suffix); }
    [[nodiscard]] auto find(std::string_view what, std::size_t from = 0) const noexcept -> std::size_t {
        return view().find(what, from);
    }
    [[nodiscard]] auto find(char what, std::size_t from = 0) const noexcept -> std::size_t {
        return view().find(what, from);
    }
    [[nodiscard]] auto compare(std::string_view other) const noexcept -> int { return view().compare(other); }
    /// @}

    /// The part of at most `count` bytes from `position` on. A long part shares the chunk of the whole; O(1), does not
    /// allocate. Throws std::out_of_range when `position` is greater than size().
    [[nodiscard]] auto substr(std::size_t position = 0, std::size_t count = npos) const -> text;

    /// The same for a view into `whole`, as searching and splitting yield them. Throws std::out_of_range when `part` is
    /// not a part of `whole`. An empty part may lie anywhere.
    friend auto slice(text const& whole, std::string_view part) -> text;

    /// An equal text that keeps no more memory alive than its own characters (up to twice their size). Copies when the
    /// chunk is larger than that, else shares it. Throws std::bad_alloc.
    [[nodiscard]] auto compact() const -> text;

    /// By the characters. Linear; O(1) where sizes differ, or both are short.
    friend auto operator==(text const& a, text const& b) noexcept -> bool {
        if (a.words_[2] != b.words_[2]) return false;  // differs in size, or already in the last characters
        if (!a.is_long()) return a.words_[0] == b.words_[0] && a.words_[1] == b.words_[1];
        return a.words_[0] == b.words_[0] || a.view() == b.view();
    }
    /// By the characters, as bytes without sign. Linear.
    friend auto operator<=>(text const& a, text const& b) noexcept -> std::strong_ordering {
        return a.view() <=> b.view();
    }

    /// The same with what is like a std::string_view.
    template <detail::text_like Other>
    friend auto operator==(text const& a, Other const& b) noexcept -> bool {
        return a.view() == std::string_view(b);
    }
    /// The same with what is like a std::string_view.
    template <detail::text_like Other>
    friend auto operator<=>(text const& a, Other const& b) noexcept -> std::strong_ordering {
        return a.view() <=> std::string_view(b);
    }

    /// Writes the characters, as a std::string_view is written.
    template <class Traits>
    friend auto operator<<(std::basic_ostream<char, Traits>& out, text const& characters)
        -> std::basic_ostream<char, Traits>& {
        return out << characters.view();
    }

private:
    friend struct detail::text_access;

    // Short: the bytes, zeros behind them, and the size in byte 23, so that equal texts are equal words.
    // Long: where the characters begin, their chunk, and the size beside a mark that has the highest bit of byte 23
    // set. A text is short exactly when its size is at most inline_capacity.
    using words = std::array<std::uint64_t, 3>;

    static constexpr bool little = std::endian::native == std::endian::little;
    static_assert(little || std::endian::native == std::endian::big, "text needs a byte order without mixtures");
    static constexpr std::uint64_t long_mark = little ? std::uint64_t{0x80} << 56 : 0x80;

    // Moved as three words, never as a vector and a rest: a text that was just made lies in the processor's store
    // buffer word by word, and a wider load has to wait until that has drained. Cost 40 % of the time of a word count.
    static auto one_by_one(words const& from) noexcept -> words {
        auto a = from[0];
        auto b = from[1];
        auto c = from[2];
#ifdef __GNUC__
        asm("" : "+r"(a), "+r"(b), "+r"(c));
#endif
        return {a, b, c};
    }

    [[nodiscard]] auto is_long() const noexcept -> bool { return (words_[2] & long_mark) != 0; }
    [[nodiscard]] auto chunk() const noexcept -> core::text_chunk* {
        return reinterpret_cast<core::text_chunk*>(static_cast<std::uintptr_t>(words_[1]));
    }

    /// Becomes short; 24 bytes can be read at `from`, of which the first `size` count.
    void set_short(char const* from, std::size_t size) noexcept {
        words mask;
        std::memcpy(words_.data(), from, 24);
        std::memcpy(mask.data(), detail::text_masks.data() + 24 - size, 24);
        for (std::size_t i = 0; i < 3; ++i) words_[i] &= mask[i];
        words_[2] |= little ? std::uint64_t{size} << 56 : std::uint64_t{size};
    }
    /// Becomes long and takes over one reference.
    void set_long(core::text_chunk* chunk, char const* from, std::size_t size) noexcept {
        words_[0] = reinterpret_cast<std::uintptr_t>(from);
        words_[1] = reinterpret_cast<std::uintptr_t>(chunk);
        words_[2] = (little ? std::uint64_t{size} : std::uint64_t{size} << 8) | long_mark;
    }
    /// The part that begins at `from`, known to lie inside.
    [[nodiscard]] auto part(char const* from, std::size_t size) const noexcept -> text {
        text result;
        if (size > inline_capacity) {
            chunk()->retain();
            result.set_long(chunk(), from, size);
        } else if (is_long()) {
            result.set_short(from, size);
        } else {
            std::array<char, 48> padded{};
            std::memcpy(padded.data(), words_.data(), 24);
            result.set_short(padded.data() + (from - data()), size);
        }
        return result;
    }

    words words_{};
};

static_assert(sizeof(text) == 24);

/// See the friend declaration in `text`.
SLUICE_API auto slice(text const& whole, std::string_view part) -> text;

namespace detail {

/// What the library's own readers and splitters may do with a text.
struct text_access {
    /// A text of `size` bytes at `from` inside a chunk; `take_reference()` is called when it needs one of its own.
    template <class TakeReference>
    static auto cut(core::text_chunk* chunk, char const* from, std::size_t size, TakeReference&& take_reference)
        -> text {
        text result;
        if (size <= text::inline_capacity) {
            result.set_short(from, size);
        } else {
            take_reference();
            result.set_long(chunk, from, size);
        }
        return result;
    }
    /// A part that is known to lie inside.
    static auto part(text const& whole, char const* from, std::size_t size) noexcept -> text {
        return whole.part(from, size);
    }
    static auto is_long(text const& characters) noexcept -> bool { return characters.is_long(); }
    static auto words(text& characters) noexcept -> text::words& { return characters.words_; }
    static auto words(text const& characters) noexcept -> text::words const& { return characters.words_; }
};

}  // namespace detail
}  // namespace sluice

/// Equal to the hash of a std::string_view with the same characters, and usable for look-up by one: give the container
/// `std::equal_to<>` as its comparison.
template <>
struct std::hash<sluice::text> {
    using is_transparent = void;  ///< Look-up takes whatever is hashed, without making a text of it.
    /// Not noexcept on purpose: with libstdc++ that is what makes a container keep the hash beside each element.
    auto operator()(std::string_view characters) const -> std::size_t {
        return std::hash<std::string_view>{}(characters);
    }
};
