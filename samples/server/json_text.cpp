// Text as JSON.
#include "json_text.hpp"

namespace collector {
namespace {

auto hex(unsigned char byte) -> std::string {
    constexpr auto digits = "0123456789abcdef";
    return {digits[byte >> 4], digits[byte & 15]};
}

/// How many bytes the character at the front has, if it is whole and right UTF-8; else 0.
auto character_size(std::string_view text) -> std::size_t {
    auto const at = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
    auto const follows = [&](std::size_t i, unsigned least = 0x80, unsigned most = 0xbf) {
        return at(i) >= least && at(i) <= most;
    };
    auto const first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        // Not what would be shorter, and no surrogates.
        return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

auto json_string(std::string_view text, std::size_t at_most) -> std::string {
    std::string result = "\"";
    for (std::size_t taken = 0; !text.empty();) {
        auto const size = character_size(text);
        auto const first = static_cast<unsigned char>(text.front());
        taken += size == 0 ? 1 : size;
        if (taken > at_most) break;
        if (size == 0) {
            result += "\\\\x" + hex(first);
        } else if (first == '"' || first == '\\') {
            result += {'\\', text.front()};
        } else if (first < 0x20) {
            result += "\\u00" + hex(first);
        } else {
            result += text.substr(0, size);
        }
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return result + '"';
}

}  // namespace collector
