#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sluice/text.hpp>
#include <sluice/text_hash.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sluice::benchmarks {

struct string_hash {
    using is_transparent = void;
    auto operator()(std::string_view word) const -> std::size_t { return std::hash<std::string_view>()(word); }
};

/// The tables in which words are counted: the same kind for all ways of a row.
struct standard_tables {
    using of_texts = std::unordered_map<text, std::uint64_t, text_hash, std::equal_to<>>;
    using of_strings = std::unordered_map<std::string, std::uint64_t, string_hash, std::equal_to<>>;
};
struct flat_tables {
    using of_texts = boost::unordered_flat_map<text, std::uint64_t, text_hash, std::equal_to<>>;
    using of_strings = boost::unordered_flat_map<std::string, std::uint64_t, string_hash, std::equal_to<>>;
};

/// A number that only the right table has; the same for a table that was split.
template <class Table>
auto digest(Table const& table) -> std::uint64_t {
    std::uint64_t result = 0;
    for (auto const& [word, count] : table) {
        std::uint64_t mixed = 0xcbf29ce484222325U;
        for (char const c : std::string_view(word)) mixed = (mixed ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        result += mixed * count;
    }
    return result;
}

/// Counts a word that lies in somebody else's memory.
template <class Table>
void count_view(Table& table, std::string_view word) {
    auto const known = table.find(word);
    known != table.end() ? void(++known->second) : void(table.emplace(word, 1));
}
template <class Table>
void count_text(Table& table, text const& word) {
    auto const known = table.find(word);
    known != table.end() ? void(++known->second) : void(table.emplace(word.compact(), 1));
}

/// The bytes of which sluice::words takes words to consist: ASCII letters and digits, and what is beyond ASCII.
inline constexpr auto word_bytes = [] {
    std::array<bool, 256> kinds{};
    for (std::size_t byte = 0; byte < kinds.size(); ++byte) {
        bool const letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        kinds[byte] = letter || (byte >= '0' && byte <= '9') || byte >= 0x80;
    }
    return kinds;
}();
inline auto is_word(char c) -> bool { return word_bytes[static_cast<unsigned char>(c)]; }

/// Calls fn(word) for each word as sluice::words finds them.
template <class Fn>
void for_each_word(std::string_view text, Fn fn) {
    auto const* at = text.data();
    auto const* const end = at + text.size();
    while (true) {
        while (at != end && !is_word(*at)) ++at;
        if (at == end) return;
        auto const* const begin = at;
        while (at != end && (is_word(*at) || (*at == '\'' && at + 1 != end && is_word(at[1])))) ++at;
        fn(std::string_view(begin, static_cast<std::size_t>(at - begin)));
    }
}

/// Reads a file in pieces that end where a line ends.
class pieces {
public:
    explicit pieces(std::filesystem::path const& file) : in_(file, std::ios::binary) {}

    /// The next one; nothing at the end.
    auto next() -> std::optional<std::string> {
        constexpr std::size_t piece = 256 * 1024;
        if (!in_) return std::nullopt;
        std::string text = std::move(rest_);
        auto const before = text.size();
        text.resize(before + piece);
        in_.read(text.data() + before, piece);
        text.resize(before + static_cast<std::size_t>(in_.gcount()));
        auto const end = in_ ? text.rfind('\n') + 1 : text.size();
        rest_ = text.substr(end);
        text.resize(end);
        return text;
    }

private:
    std::ifstream in_;
    std::string rest_;
};

}  // namespace sluice::benchmarks
