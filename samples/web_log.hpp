#pragma once
// A line of a web server's log, taken apart.

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace sample_data {

struct request {
    std::chrono::sys_seconds time;
    std::string user;
    std::string path;
    int status = 0;
};

namespace detail {

/// What stands before the mark; the text is cut behind it. Nothing if the mark is not there.
inline auto up_to(std::string_view& text, std::string_view mark) -> std::optional<std::string_view> {
    auto const at = text.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    auto const part = text.substr(0, at);
    text.remove_prefix(at + mark.size());
    return part;
}
template <class Number>
auto number(std::string_view text) -> std::optional<Number> {
    Number value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// 02/Mar/2026:13:55:36
inline auto time(std::string_view text) -> std::optional<std::chrono::sys_seconds> {
    static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 20) return std::nullopt;
    auto const month = months.find(text.substr(3, 3));
    auto const day = number<unsigned>(text.substr(0, 2));
    auto const year = number<int>(text.substr(7, 4));
    auto const hour = number<int>(text.substr(12, 2));
    auto const minute = number<int>(text.substr(15, 2));
    auto const second = number<int>(text.substr(18, 2));
    if (month % 3 != 0 || !day || !year || !hour || !minute || !second) return std::nullopt;
    std::chrono::year_month_day const date{
        std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(month / 3 + 1)), std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

}  // namespace detail

/// Of the combined log format: `203.0.112.7 - eliza [02/Mar/2026:13:55:36 +0000] "GET /cart HTTP/1.1" 200 5120 …`
inline auto parse_request(std::string_view line) -> std::optional<request> {
    auto const address = detail::up_to(line, " - ");
    auto const user = detail::up_to(line, " [");
    auto const when = detail::up_to(line, " +0000] \"");
    auto const method = detail::up_to(line, " ");
    auto const path = detail::up_to(line, " ");
    auto const protocol = detail::up_to(line, "\" ");
    auto const status = detail::up_to(line, " ");
    if (!address || !user || !when || !method || !path || !protocol || !status) return std::nullopt;
    auto const time = detail::time(*when);
    auto const code = detail::number<int>(*status);
    if (!time || !code) return std::nullopt;
    return request{*time, std::string(*user), std::string(*path), *code};
}

}  // namespace sample_data
