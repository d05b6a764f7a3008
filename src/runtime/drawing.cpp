#include <sluice/detail/drawing.hpp>

namespace sluice::detail {

auto dot_label(std::string_view text) -> std::string {
    std::string result;
    for (char c : text) {
        if (c == '\n' || c == '\r') {
            result += ' ';
        } else {
            if (c == '"' || c == '\\') result += '\\';
            result += c;
        }
    }
    return result;
}

auto mermaid_label(std::string_view text) -> std::string {
    std::string result;
    for (char c : text) {
        switch (c) {
            case '"': result += "#quot;"; break;
            case '<': result += "#lt;"; break;
            case '>': result += "#gt;"; break;
            case '#': result += "#35;"; break;
            case '\n':
            case '\r': result += ' '; break;
            default: result += c;
        }
    }
    return result;
}

}  // namespace sluice::detail
