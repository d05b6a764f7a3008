#pragma once
// What 05_word_count needs around its flow: which files to count, a progress bar, a bar chart. Nothing here is about
// stages; it is apart so that the sample shows little else than its flow.

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/timer/progress_display.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace word_count {

namespace fs = std::filesystem;

// --- Which files ---------------------------------------------------------------------------------------------------

/// A file that will not be counted, and why.
struct skipped_file {
    fs::path path;
    std::string reason;
};

struct text_files {
    std::vector<fs::path> paths;  ///< in the order given; within a folder, by name
    std::uintmax_t bytes = 0;
    std::vector<skipped_file> skipped;
};

/// Why this file cannot be counted, or nothing: it must be a regular file that can be read, is not empty, and has no
/// zero byte in its first 8 KiB. Compressed files are binary like others.
inline auto reason_to_skip(fs::path const& path) -> std::optional<std::string> {
    auto const because = [](int error) { return std::generic_category().message(error); };
    std::error_code error;
    auto const status = fs::status(path, error);
    if (!fs::exists(status)) return error ? error.message() : because(ENOENT);
    if (!fs::is_regular_file(status)) return "not a regular file";
    auto const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return because(errno);
    std::array<char, 8192> head;
    auto const count = ::read(file, head.data(), head.size());
    auto const read_error = errno;
    ::close(file);
    if (count < 0) return because(read_error);
    if (count == 0) return "empty";
    if (std::memchr(head.data(), '\0', static_cast<std::size_t>(count)) != nullptr) return "binary";
    if (auto const kind = path.extension(); kind == ".gz" || kind == ".xz" || kind == ".bz2" || kind == ".zst") {
        return "compressed";
    }
    return std::nullopt;
}

/// The text files among the given ones and in the given folders, at any depth. Links inside a folder are not followed,
/// so nothing is counted twice and no circle is walked.
inline auto find_text_files(std::vector<fs::path> const& files_and_folders) -> text_files {
    text_files found;
    auto const take = [&](fs::path const& path) {
        if (auto reason = reason_to_skip(path)) {
            found.skipped.push_back({path, *std::move(reason)});
            return;
        }
        std::error_code gone;
        auto const size = fs::file_size(path, gone);
        if (!gone) found.bytes += size;
        found.paths.push_back(path);
    };
    auto const walk = [&](auto const& self, fs::path const& folder) -> void {
        std::error_code error;
        std::vector<fs::directory_entry> entries;
        for (fs::directory_iterator at{folder, error}; !error && at != fs::directory_iterator{}; at.increment(error)) {
            entries.push_back(*at);
        }
        if (error) found.skipped.push_back({folder, error.message()});
        std::ranges::sort(entries, {}, [](fs::directory_entry const& entry) { return entry.path().native(); });
        for (auto const& entry : entries) {
            std::error_code ignored;
            if (entry.is_symlink(ignored)) continue;
            entry.is_directory(ignored) ? self(self, entry.path()) : take(entry.path());
        }
    };
    for (auto const& path : files_and_folders) {
        std::error_code ignored;
        fs::is_directory(path, ignored) ? walk(walk, path) : take(path);
    }
    return found;
}

/// One line for each skipped file, but not for more than `at_most` of those with the same reason: a folder of documents
/// may have thousands of compressed ones.
inline void report_skipped(std::vector<skipped_file> const& skipped, std::ostream& out, std::size_t at_most = 5) {
    std::vector<std::pair<std::string_view, std::size_t>> reasons;
    for (auto const& [path, reason] : skipped) {
        auto known = std::ranges::find(reasons, reason, [](auto const& each) { return each.first; });
        if (known == reasons.end()) known = reasons.insert(known, {reason, 0});
        if (++known->second <= at_most) out << "skipped " << path.string() << ": " << reason << '\n';
    }
    for (auto const& [reason, count] : reasons) {
        if (count > at_most) out << "skipped " << count - at_most << " more: " << reason << '\n';
    }
}

/// One line for each huge file: it is counted, but by one reader, and lines of more than 1 MiB in pieces.
inline void report_huge(std::vector<fs::path> const& paths, std::ostream& out, std::uintmax_t huge = 1 << 30) {
    for (auto const& path : paths) {
        std::error_code gone;
        auto const size = fs::file_size(path, gone);
        if (!gone && size >= huge) {
            out << path.string() << " is huge, " << size / 1'000'000 << " MB: this takes a while\n";
        }
    }
}

// --- Progress ------------------------------------------------------------------------------------------------------

/// A bar on stderr, when that is a terminal. add() may be called by several threads.
class progress {
public:
    explicit progress(std::uintmax_t bytes) : x_expected{bytes}, x_step{bytes / 100 + 1} {
        if (::isatty(STDERR_FILENO) != 0 && bytes != 0) x_bar.emplace(static_cast<unsigned long>(bytes), std::cerr, "");
    }
    void add(std::size_t bytes) {
        if (!x_bar) return;
        auto const before = x_done.fetch_add(bytes, std::memory_order_relaxed);
        if (before / x_step != (before + bytes) / x_step) show(before + bytes);
    }
    /// All is done, also what add() was not told of, such as the ends of lines.
    void finish() {
        if (x_bar) show(x_expected);
    }

private:
    void show(std::uintmax_t done) {
        std::lock_guard const lock{x_mutex};
        auto const shown = x_bar->count();
        auto const limit = static_cast<unsigned long>(std::min<std::uintmax_t>(done, x_expected));
        if (limit > shown) *x_bar += limit - shown;
    }

    std::uintmax_t x_expected;
    std::uintmax_t x_step;
    std::atomic<std::uintmax_t> x_done{0};
    std::mutex x_mutex;
    std::optional<boost::timer::progress_display> x_bar;
};

// --- Chart ---------------------------------------------------------------------------------------------------------

/// Whether the terminal says that it shows UTF-8.
inline auto speaks_utf8() -> bool {
    for (auto const* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        auto const* const value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        std::string_view const locale{value};
        for (auto const* const encoding : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
            if (locale.find(encoding) != std::string_view::npos) return true;
        }
        return false;
    }
    return false;
}

/// The columns of the terminal that stdout is, else 80.
inline auto terminal_width() -> std::size_t {
    ::winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) return size.ws_col;
    return 80;
}

/// 1234567 as "1,234,567".
inline auto grouped(std::uintmax_t number) -> std::string {
    auto digits = std::to_string(number);
    for (auto at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

/// The word as a terminal may see it: with '?' for what is not UTF-8 or not meant to be shown, cut after `width`
/// characters, and filled up to it.
inline auto fitted(std::string_view word, std::size_t width, bool utf8) -> std::string {
    std::string result;
    std::size_t columns = 0;
    while (!word.empty() && columns < width) {
        auto const lead = static_cast<unsigned char>(word[0]);
        std::size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
        if (size > word.size()) size = 0;
        for (std::size_t i = 1; i < size; ++i) {
            if ((static_cast<unsigned char>(word[i]) & 0xc0) != 0x80) size = 0;
        }
        bool const control =
            lead < 0x20 || lead == 0x7f || (lead == 0xc2 && size == 2 && static_cast<unsigned char>(word[1]) < 0xa0);
        if (size == 0 || control || (size > 1 && !utf8)) {
            result += '?';
        } else {
            result += word.substr(0, size);
        }
        word.remove_prefix(std::max<std::size_t>(size, 1));
        ++columns;
    }
    return result + std::string(width - columns, ' ');
}

/// A bar of `eighths` eighths of a column.
inline auto bar(std::size_t eighths, bool utf8) -> std::string {
    constexpr std::array<std::string_view, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (!utf8) return std::string((eighths + 4) / 8, '#');
    std::string result;
    for (std::size_t i = 0; i < eighths / 8; ++i) result += "█";
    return result += parts[eighths % 8];
}

/// A line for each pair of a word and its count, the greatest count first, over the width of the terminal.
template <class Pairs>
void draw_chart(std::ostream& out, Pairs const& words, std::size_t width = terminal_width(),
                bool utf8 = speaks_utf8()) {
    std::size_t word_width = 4;
    std::uintmax_t most = 1;
    for (auto const& [word, count] : words) {
        word_width = std::max(word_width, std::string_view{word}.size());
        most = std::max<std::uintmax_t>(most, count);
    }
    word_width = std::min<std::size_t>(word_width, 20);
    auto const count_width = grouped(most).size();
    auto const taken = word_width + count_width + 3;
    auto const room = width > taken + 10 ? width - taken : 10;
    for (auto const& [word, count] : words) {
        auto const number = grouped(count);
        auto const share = static_cast<double>(count) / static_cast<double>(most);
        auto const eighths = static_cast<std::size_t>(share * static_cast<double>(room * 8) + 0.5);
        out << fitted(word, word_width, utf8) << ' ' << std::string(count_width - number.size(), ' ') << number << ' '
            << bar(std::max<std::size_t>(eighths, utf8 ? 1 : 4), utf8) << '\n';
    }
}

}  // namespace word_count
