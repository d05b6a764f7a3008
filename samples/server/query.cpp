// Parameters in the target of a request.
#include "query.hpp"

#include <charconv>

namespace collector {
namespace {

// "a%20b" and "a+b" are "a b". What is no escape stays as it is.
auto unescaped(std::string_view text) -> std::string {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        auto const digits = text.substr(i + 1, 2);
        if (text[i] == '%' && digits.size() == 2 &&
            std::from_chars(digits.data(), digits.data() + 2, byte, 16).ptr == digits.data() + 2) {
            result += static_cast<char>(byte);
            i += 2;
        } else {
            result += text[i] == '+' ? ' ' : text[i];
        }
    }
    return result;
}

}  // namespace

auto query_value(std::string_view target, std::string_view name) -> std::optional<std::string> {
    auto const begin = target.find('?');
    if (begin == target.npos) return std::nullopt;
    auto rest = target.substr(begin + 1);
    while (!rest.empty()) {
        auto const end = rest.find('&');
        auto const part = rest.substr(0, end);
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
        auto const equals = part.find('=');
        if (equals == part.npos || unescaped(part.substr(0, equals)) != name) continue;
        return unescaped(part.substr(equals + 1));
    }
    return std::nullopt;
}

}  // namespace collector
