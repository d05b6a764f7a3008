#include <barrier>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>
#include <mutex>
#include <sluice/core/line_splitter.hpp>
#include <sluice/text.hpp>
#include <sluice/words.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using sluice::text;

BOOST_AUTO_TEST_SUITE(text_sharing)

BOOST_AUTO_TEST_CASE(texts_of_one_chunk_are_copied_and_dropped_by_two_threads_at_once) {
    std::string const characters(1000, 'x');
    text whole{characters};
    std::barrier<> start{2};
    auto const use = [&](text mine) {
        start.arrive_and_wait();
        std::vector<text> parts;
        for (std::size_t i = 0; i < 20'000; ++i) {
            parts.push_back(mine.substr(i % 900, 50));
            if (parts.size() == 100) parts.clear();
        }
        mine = {};
        return parts.size();
    };
    std::thread other{use, whole};
    use(std::exchange(whole, {}));
    other.join();
    BOOST_TEST(whole.empty());
}

BOOST_AUTO_TEST_CASE(lines_are_used_by_one_thread_while_another_reads_on_into_the_same_chunks) {
    // Chunks are small and pieces uneven, so that a chunk is written right behind lines that are being read, and is
    // taken again as soon as the other thread has dropped its lines.
    constexpr std::size_t count = 20'000;
    std::mutex mutex;
    std::vector<text> in_flight;
    bool done = false;
    std::size_t words = 0;
    std::size_t characters = 0;
    std::thread reader{[&] {
        sluice::core::line_splitter splitter{{.chunk_size = 700, .spare_chunks = 3}};
        for (std::size_t i = 0; i < count; ++i) {
            splitter.feed("one two");
            splitter.feed(" three" + std::string(i % 50, 'x') + " four\nfi");
            splitter.feed("ve " + std::string(i % 7, 'y') + "\n");
            while (auto line = splitter.next()) {
                std::lock_guard const lock{mutex};
                in_flight.push_back(*std::move(line));
            }
        }
        std::lock_guard const lock{mutex};
        done = true;
    }};
    for (bool last = false; !last;) {
        std::vector<text> lines;
        {
            std::lock_guard const lock{mutex};
            lines.swap(in_flight);
            last = done;
        }
        for (auto const& line : lines) {
            for (auto const& word : sluice::words(line)) {
                ++words;
                characters += word.size();
            }
        }
        if (lines.empty()) std::this_thread::yield();
    }
    reader.join();
    std::size_t expected_words = 0;
    std::size_t expected_characters = 0;
    for (std::size_t i = 0; i < count; ++i) {
        expected_words += 5 + (i % 7 != 0 ? 1 : 0);
        expected_characters += 3 + 3 + 5 + i % 50 + 4 + 4 + i % 7;
    }
    BOOST_TEST(words == expected_words);
    BOOST_TEST(characters == expected_characters);
}

BOOST_AUTO_TEST_SUITE_END()
