// Counts the words of files and folders over all cores: 05_word_count FILE|FOLDER ...
// Exit status: 0, or 1 when counting failed, or 2 when a file that was named, or could not be read, was left out.
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <sluice/text_hash.hpp>
#include <sluice/thread_pool.hpp>
#include <sluice/words.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "word_count_support.hpp"

namespace flow = sluice::flow;

// clang-format off
using word_counts = boost::unordered_flat_map<sluice::text, std::size_t, sluice::text_hash, std::equal_to<>>;

void count_word(word_counts& counts, sluice::text const& word) {
    if (auto known = counts.find(word); known != counts.end()) {
        ++known->second;
    } else {
        counts.emplace(word.compact(), 1);  // a copy: the table must not keep the file in memory
    }
}

auto count_words(std::vector<std::filesystem::path> const& paths, word_count::progress& shown) {
    auto const show_progress = [&shown](sluice::text line) {
        shown.add(line.size() + 1);
        return line;
    };
    return flow::from_lines(paths, {.max_line = 1 << 20, .long_lines = sluice::long_lines::cut})
         | flow::map(show_progress).named("show progress")
         | flow::flat_map(sluice::words).named("words")  // any range, lazily
         | flow::partition()                             // by hash of the word, for as many stages as there are threads
         | flow::reduce(word_counts{}, count_word).named("count");
}
// clang-format on

void print(std::vector<word_counts> const& parts, std::uintmax_t bytes, double seconds) {
    std::vector<std::pair<std::string, std::size_t>> all;
    std::uintmax_t total = 0;
    for (auto const& part : parts) {
        for (auto const& [word, count] : part) {
            all.emplace_back(word.str(), count);
            total += count;
        }
    }
    auto const shown = std::min<std::size_t>(20, all.size());
    auto const commoner = [](auto const& a, auto const& b) {
        return std::pair(b.second, a.first) < std::pair(a.second, b.first);
    };
    std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(shown), commoner);
    word_count::draw_chart(std::cout, all | std::views::take(shown));
    std::cout << '\n'
              << word_count::grouped(all.size()) << " distinct words, " << word_count::grouped(total) << " in all, "
              << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / 1e6 << " MB in " << seconds
              << " s: " << static_cast<double>(bytes) / 1e6 / std::max(seconds, 1e-9) << " MB/s\n";
}

/// Was something left out that somebody would miss? Not what is compressed, binary or empty in a folder.
auto is_incomplete(word_count::text_files const& found, std::vector<std::filesystem::path> const& named) -> bool {
    return std::ranges::any_of(found.skipped, [&](word_count::skipped_file const& file) {
        bool const is_expected = file.reason == "compressed" || file.reason == "binary" || file.reason == "empty" ||
                                 file.reason == "not a regular file";
        return !is_expected || std::ranges::find(named, file.path) != named.end();
    });
}

auto main(int count, char** arguments) -> int try {
    std::vector<std::filesystem::path> const named(arguments + 1, arguments + count);
    if (named.empty()) throw std::invalid_argument("say which files or folders to count");
    auto const found = word_count::find_text_files(named);
    word_count::report_skipped(found.skipped, std::cerr);
    word_count::report_huge(found.paths, std::cerr);
    if (found.paths.empty()) {
        std::cerr << "there is no text to count\n";
        return 2;
    }

    sluice::thread_pool pool;
    word_count::progress shown(found.bytes);
    auto const began = std::chrono::steady_clock::now();
    auto const words = count_words(found.paths, shown);
    auto const parts = flow::collect(words, pool);
    std::chrono::duration<double> const taken = std::chrono::steady_clock::now() - began;
    shown.finish();

    print(parts, found.bytes, taken.count());
    auto const picture = flow::describe(words, pool);
    std::cout << "\nThe flow that ran:\n"
              << picture.text() << "\nThe same for https://mermaid.live:\n"
              << picture.mermaid();
    return is_incomplete(found, named) ? 2 : EXIT_SUCCESS;
} catch (std::exception const& error) {
    std::cerr << "05_word_count: " << error.what() << '\n';
    return EXIT_FAILURE;
}
