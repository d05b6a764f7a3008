// Counts the words of a file: the flow that the README shows, a program for two threads written by hand, and channels.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>
#include <sluice/detail/word_scan.hpp>
#include <sluice/flow/flow.hpp>
#include <sluice/sluice.hpp>
#include <sluice/words.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "bench.hpp"
#include "channel.hpp"
#include "word_text.hpp"

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

namespace {

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

// --- Sluice ----------------------------------------------------------------------------------------------------------

template <class Tables>
auto count_by_flow(thread_pool& pool, std::filesystem::path const& file) -> std::uint64_t {
    using table = typename Tables::of_texts;
    auto const counts =
        flow::from_lines(file) | flow::flat_map(words) | flow::partition() | flow::reduce(table(), count_text<table>);
    auto const tables = flow::collect(counts, pool);
    std::uint64_t result = 0;
    for (auto const& each : tables) result += digest(each);
    return result;
}

// --- By hand ---------------------------------------------------------------------------------------------------------

auto is_word(char c) -> bool { return detail::is_word_byte[static_cast<unsigned char>(c)]; }

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

/// A file in memory.
class mapped_file {
public:
    explicit mapped_file(std::filesystem::path const& file) : size_(std::filesystem::file_size(file)) {
        auto const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        data_ = static_cast<char const*>(::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0));
        ::close(descriptor);
    }
    mapped_file(mapped_file const&) = delete;
    auto operator=(mapped_file const&) -> mapped_file& = delete;
    ~mapped_file() { ::munmap(const_cast<char*>(data_), size_); }

    [[nodiscard]] auto view() const -> std::string_view { return {data_, size_}; }

private:
    std::size_t size_;
    char const* data_;
};

/// Two threads, each with half of the text and a table of its own; then one table.
template <class Table>
auto count_by_hand(std::filesystem::path const& file) -> std::uint64_t {
    mapped_file const mapped(file);
    auto const whole = mapped.view();
    auto const middle = std::min(whole.find('\n', whole.size() / 2), whole.size());
    auto const count = [](std::string_view part, Table& table) {
        for_each_word(part, [&table](std::string_view word) { count_view(table, word); });
    };
    Table first;
    Table second;
    std::thread other([&] { count(whole.substr(middle), second); });
    count(whole.substr(0, middle), first);
    other.join();
    for (auto const& [word, n] : second) first[word] += n;
    return digest(first);
}

// --- Channels: one coroutine reads, two count
// --------------------------------------------------------------------------

auto channel_reading(channel<std::string>& out, std::filesystem::path file) -> asio::awaitable<void> {
    constexpr std::size_t piece = 256 * 1024;
    std::ifstream in(file, std::ios::binary);
    std::string rest;
    while (in) {
        std::string text = std::move(rest);
        auto const before = text.size();
        text.resize(before + piece);
        in.read(text.data() + before, piece);
        text.resize(before + static_cast<std::size_t>(in.gcount()));
        auto const end = in ? text.rfind('\n') + 1 : text.size();
        rest = text.substr(end);
        text.resize(end);
        co_await out.send(std::move(text));
    }
    co_await out.send_end();
    co_await out.send_end();
}

template <class Table>
auto channel_counting(channel<std::string>& in) -> asio::awaitable<std::unique_ptr<Table>> {
    auto table = std::make_unique<Table>();
    while (auto text = co_await in.receive()) {
        for_each_word(*text, [&table](std::string_view word) { count_view(*table, word); });
    }
    co_return table;
}

template <class Table>
auto count_by_channels(asio::io_context& context, std::filesystem::path const& file) -> std::uint64_t {
    auto const on_strand = [&] { return asio::any_io_executor(asio::make_strand(context)); };
    channel<std::string> texts(on_strand(), 4);
    auto read = asio::co_spawn(on_strand(), channel_reading(texts, file), asio::use_future);
    auto one = asio::co_spawn(on_strand(), channel_counting<Table>(texts), asio::use_future);
    auto two = asio::co_spawn(on_strand(), channel_counting<Table>(texts), asio::use_future);
    read.get();
    auto const table = one.get();
    auto const other = two.get();
    for (auto const& [word, n] : *other) (*table)[word] += n;
    return digest(*table);
}

/// A file that goes when its last user does.
class temporary_file {
public:
    explicit temporary_file(std::size_t bytes)
        : path_(std::filesystem::temp_directory_path() / ("sluice-benchmarks-" + std::to_string(::getpid()) + ".txt")) {
        write_word_text(path_, bytes);
    }
    temporary_file(temporary_file const&) = delete;
    auto operator=(temporary_file const&) -> temporary_file& = delete;
    ~temporary_file() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

    [[nodiscard]] auto path() const -> std::filesystem::path const& { return path_; }

private:
    std::filesystem::path path_;
};

template <class Tables>
auto word_count_with() -> row {
    using strings = typename Tables::of_strings;
    constexpr std::size_t bytes = 50'000'000;
    auto const pool = std::make_shared<thread_pool>(2);
    auto const file = std::make_shared<temporary_file>(bytes);
    row result;
    result.unit = "kB";
    result.units = static_cast<double>(bytes) / 1000;
    result.expected = count_by_hand<strings>(file->path());
    result.ways.push_back({way::part::ours, "sluice", [=] { return count_by_flow<Tables>(*pool, file->path()); }});
    result.ways.push_back(
        {way::part::limit, "by hand, two threads", [=] { return count_by_hand<strings>(file->path()); }});
    result.ways.push_back({way::part::channels, "concurrent_channel",
                           [=] { return count_by_channels<strings>(pool->context(), file->path()); }});
    return result;
}

}  // namespace

auto word_count_row() -> row {
    auto result = word_count_with<standard_tables>();
    result.wanted.at_most_limits = 1 / 0.6;
    return result;
}
auto flat_word_count_row() -> row { return word_count_with<flat_tables>(); }

}  // namespace sluice::benchmarks
