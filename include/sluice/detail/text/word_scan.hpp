#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#ifdef __SSE2__
    #include <emmintrin.h>
#endif

namespace sluice::detail {

/// Whether a byte is one of a word: an ASCII letter or digit, or a part of a character beyond ASCII.
inline constexpr auto is_word_byte = [] {
    std::array<bool, 256> kinds{};
    for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
        bool const letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        kinds[byte] = letter || (byte >= '0' && byte <= '9') || byte >= 0x80;
    }
    return kinds;
}();

/// A bit for each of the first 64 bytes between `at` and `end`, the first in the lowest bit: set for bytes of words.
/// To look for the ends of words among bits costs no wrong guess of the branch predictor at the end of each word.
inline auto word_bits(char const* at, char const* end) noexcept -> std::uint64_t {
    auto const count = std::min<std::ptrdiff_t>(end - at, 64);
    std::uint64_t bits = 0;
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        bits |= std::uint64_t{is_word_byte[static_cast<unsigned char>(at[i])]} << i;
    }
    return bits;
}

#ifdef __SSE2__

/// The same, sixteen bytes at once: there must be 15 readable bytes behind the end, such as text_chunk::slack.
inline auto word_bits_wide(char const* at, char const* end) noexcept -> std::uint64_t {
    std::uint64_t bits = 0;
    auto const count = std::min<std::ptrdiff_t>(end - at, 64);
    for (std::ptrdiff_t i = 0; i < count; i += 16) {
        // Adding moves the range that is looked for to the top of the signed bytes.
        auto const bytes = _mm_loadu_si128(reinterpret_cast<__m128i const*>(at + i));
        auto const lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        auto const letters = _mm_cmpgt_epi8(_mm_add_epi8(lower, _mm_set1_epi8(127 - 'z')), _mm_set1_epi8(127 - 26));
        auto const digits = _mm_cmpgt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(127 - '9')), _mm_set1_epi8(127 - 10));
        auto const any = _mm_or_si128(_mm_or_si128(letters, digits), bytes);  // the top bit of bytes: beyond ASCII
        bits |= std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(any))} << i;
    }
    return count == 64 ? bits : bits & ((std::uint64_t{1} << count) - 1);
}

#else

inline auto word_bits_wide(char const* at, char const* end) noexcept -> std::uint64_t { return word_bits(at, end); }

#endif

}  // namespace sluice::detail
