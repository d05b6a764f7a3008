// Counts the words of a file: the flow that the README shows, a program for two threads written by hand, and channels.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <sluice/flow/flow.hpp>
#include <sluice/sluice.hpp>
#include <sluice/words.hpp>
#include <string>
#include <string_view>
#include <thread>

#include "bench.hpp"
#include "channel.hpp"
#include "peers.hpp"
#include "word_counting.hpp"
#include "word_text.hpp"

namespace sluice::benchmarks {

namespace {

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

template <manner How>
auto channel_reading(channel<std::string, How>& out, std::filesystem::path file) -> asio::awaitable<void> {
    pieces in(file);
    while (auto text = in.next()) {
        bool const sent = out.offer(*text);
        if (!sent) co_await out.send(std::move(*text));
    }
    co_await out.send_end();
    co_await out.send_end();
}

template <class Table, manner How>
auto channel_counting(channel<std::string, How>& in) -> asio::awaitable<std::unique_ptr<Table>> {
    auto table = std::make_unique<Table>();
    for (;;) {
        auto got = in.poll();
        if (!got) got = co_await in.receive();
        auto& [error, text] = *got;
        if (error) break;
        for_each_word(text, [&table](std::string_view word) { count_view(*table, word); });
    }
    co_return table;
}

template <class Table, manner How>
auto count_by_channels(asio::io_context& context, std::filesystem::path const& file) -> std::uint64_t {
    auto const on_strand = [&] { return asio::any_io_executor(asio::make_strand(context)); };
    channel<std::string, How> texts(on_strand(), 4);
    auto read = asio::co_spawn(on_strand(), channel_reading<How>(texts, file), asio::use_future);
    auto one = asio::co_spawn(on_strand(), channel_counting<Table, How>(texts), asio::use_future);
    auto two = asio::co_spawn(on_strand(), channel_counting<Table, How>(texts), asio::use_future);
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
    auto const threads = std::make_shared<two_threads>();
    auto const file = std::make_shared<temporary_file>(bytes);
    row result;
    result.unit = "kB";
    result.units = static_cast<double>(bytes) / 1000;
    result.expected = count_by_hand<strings>(file->path());
    result.wanted.at_most_ns = 4000;  // 250 MB/s
    result.ways = {
        {way::part::ours, "sluice", [=] { return count_by_flow<Tables>(threads->pool(), file->path()); }},
        {way::part::limit, "by hand, two threads", [=] { return count_by_hand<strings>(file->path()); }},
        {way::part::channels, channels_documented,
         [=] { return count_by_channels<strings, manner::documented>(threads->context(), file->path()); }},
        {way::part::channels, channels_try_first,
         [=] { return count_by_channels<strings, manner::try_first>(threads->context(), file->path()); }},
    };
    add_word_count_peers(result, file->path(), std::is_same_v<Tables, flat_tables>);
    return result;
}

}  // namespace

auto word_count_row() -> row { return word_count_with<standard_tables>(); }
auto flat_word_count_row() -> row { return word_count_with<flat_tables>(); }

}  // namespace sluice::benchmarks
