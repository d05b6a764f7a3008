// Counts the words of files and folders over all cores, and shows the ten commonest: word_count FILE|FOLDER ...
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <sluice/flow/flow.hpp>
#include <sluice/text_hash.hpp>
#include <sluice/thread_pool.hpp>
#include <sluice/words.hpp>
#include <string>
#include <utility>
#include <vector>

namespace flow = sluice::flow;

using word_counts = boost::unordered_flat_map<sluice::text, std::size_t, sluice::text_hash, std::equal_to<>>;

void count_word(word_counts& counts, sluice::text const& word) {
    if (auto known = counts.find(word); known != counts.end()) {
        ++known->second;
    } else {
        counts.emplace(word.compact(), 1);  // a copy: the table must not keep the file in memory
    }
}

auto main(int count, char** arguments) -> int try {
    std::vector<std::filesystem::path> const paths(arguments + 1, arguments + count);
    auto const words = flow::from_lines(paths) |        // files are read side by side
                       flow::flat_map(sluice::words) |  // any range, lazily
                       flow::partition() |              // by hash of the word, to as many stages as there are threads
                       flow::reduce(word_counts{}, count_word);
    sluice::thread_pool pool;
    auto const parts = flow::collect(words, pool);  // one table of each stage; no word is in two of them

    std::vector<std::pair<std::size_t, std::string>> all;
    for (auto const& part : parts) {
        for (auto const& [word, times] : part) all.emplace_back(times, word.str());
    }
    std::ranges::sort(all, std::greater<>());
    if (all.size() > 10) all.resize(10);
    for (auto const& [times, word] : all) std::cout << times << ' ' << word << '\n';
    return EXIT_SUCCESS;
} catch (std::exception const& error) {
    std::cerr << "word_count: " << error.what() << '\n';
    return EXIT_FAILURE;
}
