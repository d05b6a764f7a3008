// The commonest words of many files: each stage counts what it reads, the counts of a word meet in one stage, and of
// each stage's words only the first twenty go on. Runs twice, with and without counting before the exchange.
#include <stdlib.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <sluice/words.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "data.hpp"

namespace flow = sluice::flow;

// [readme:top_words]
using counted_word = std::pair<sluice::text, std::size_t>;

auto top_words(std::vector<std::filesystem::path> const& files, bool combine) {
    auto const word = [](sluice::text const& each) { return each.compact(); };  // must not keep its file in memory
    auto const is_commoner = [](counted_word const& a, counted_word const& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    };
    return flow::from_lines(files) | flow::flat_map(sluice::words) |
           flow::count_by(word, {.combine = combine, .combine_keys = 16'384}) | flow::take_sort(20, is_commoner);
}
// [readme:end]

/// A folder that goes with the program.
class folder {
public:
    folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "sluice-top-words-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a folder");
        path_ = pattern;
    }
    folder(folder const&) = delete;
    auto operator=(folder const&) -> folder& = delete;
    ~folder() { std::filesystem::remove_all(path_); }

    auto path() const -> std::filesystem::path const& { return path_; }

private:
    std::filesystem::path path_;
};

struct answer {
    std::vector<counted_word> words;
    std::uint64_t exchanged = 0;  // events that went from the stages that read to those that count
    double seconds = 0;
};

auto ask(std::vector<std::filesystem::path> const& files, bool combine, sluice::thread_pool& pool) -> answer {
    answer result;
    auto const keep = [&result](sluice::inlet<std::vector<counted_word>>& in) -> boost::asio::awaitable<void> {
        while (auto lists = co_await in.receive()) result.words = std::move(lists->front());  // there is one
    };
    auto const began = std::chrono::steady_clock::now();
    auto words = top_words(files, combine) | flow::sink(keep);
    auto running = flow::launch(words, pool);
    running.async_join(boost::asio::use_future).get();
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    for (auto const& stage : running.stats()) {
        bool const reads = stage.events_in == 0;
        if (reads) result.exchanged += stage.events_out;
    }
    return result;
}

int main() {
    constexpr std::size_t words = 400'000;
    folder const made;
    auto const files = sample_data::make_texts(made.path(), 40, words, 1);

    sluice::thread_pool pool(2);  // with more, more stages read, and each sends the common words once
    std::cout << flow::describe(top_words(files, true), pool).text() << '\n';
    auto const with = ask(files, true, pool);
    auto const without = ask(files, false, pool);

    for (auto const& [word, count] : with.words) {
        std::cout << std::setw(8) << word << std::setw(8) << count << '\n';
    }
    bool const far_fewer = with.exchanged < without.exchanged / 5;
    std::cout << "\nOver the exchange went " << without.exchanged << " events when each word did, and "
              << (far_fewer ? "less than a fifth of that" : "not much less") << " when each stage counted first.\n";
    // What differs from run to run: which stage reads which file, and how long it takes.
    std::cout << "This time: " << with.exchanged << " events; " << std::setprecision(2) << without.seconds << " s and "
              << with.seconds << " s.\n";
    bool const right = with.words.size() == 20 && with.words == without.words && with.words.front().first == "the";
    return right && far_fewer && without.exchanged == words ? EXIT_SUCCESS : EXIT_FAILURE;
}
