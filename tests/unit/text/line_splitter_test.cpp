#include <algorithm>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <optional>
#include <random>
#include <set>
#include <sluice/core/line_splitter.hpp>
#include <sluice/errc.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using sluice::line_options;
using sluice::text;
using sluice::core::line_splitter;

namespace {

using lines_of_text = std::vector<std::string>;

// What a line is, said in another way.
auto plainly_split(std::string_view bytes, std::size_t max_line = std::string_view::npos) -> lines_of_text {
    lines_of_text lines;
    while (!bytes.empty()) {
        auto const newline = bytes.find('\n');
        auto line = bytes.substr(0, newline);
        for (; line.size() > max_line; line.remove_prefix(max_line)) lines.emplace_back(line.substr(0, max_line));
        if (newline != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
        lines.emplace_back(line);
        bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
    }
    return lines;
}

auto strings(std::vector<text> const& lines) -> lines_of_text {
    lines_of_text result;
    for (auto const& line : lines) result.push_back(line.str());
    return result;
}

auto split(std::string_view bytes, line_options options = {}) -> lines_of_text {
    line_splitter splitter{options};
    std::vector<text> lines;
    splitter.feed(bytes);
    while (auto line = splitter.next()) lines.push_back(*std::move(line));
    if (auto line = splitter.finish()) lines.push_back(*std::move(line));
    BOOST_TEST(!splitter.finish());
    return strings(lines);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(line_splitting)

BOOST_AUTO_TEST_CASE(a_line_ends_at_a_newline_which_is_not_part_of_it) {
    struct {
        std::string_view bytes;
        lines_of_text lines;
    } const table[] = {
        {"", {}},
        {"a", {"a"}},
        {"a\n", {"a"}},
        {"\n", {""}},
        {"\n\n", {"", ""}},
        {"a\n\nb", {"a", "", "b"}},
        {"a\r\nb\r\n", {"a", "b"}},
        {"a\r\r\n", {"a\r"}},
        {"\r\n", {""}},
        {"a\rb\n", {"a\rb"}},
        {"a\r", {"a\r"}},
        {std::string_view{"a\0b\n\0", 5}, {std::string{"a\0b", 3}, std::string(1, '\0')}},
        {"a line that is longer than a short text\nand\nanother one that is longer than that\r\n",
         {"a line that is longer than a short text", "and", "another one that is longer than that"}},
    };
    for (auto const& row : table) {
        BOOST_TEST((split(row.bytes) == row.lines));
        BOOST_TEST((plainly_split(row.bytes) == row.lines));
        for (std::size_t chunk_size = 1; chunk_size < 9; ++chunk_size) {
            BOOST_TEST((split(row.bytes, {.chunk_size = chunk_size}) == row.lines));
        }
    }
}

BOOST_AUTO_TEST_CASE(where_the_pieces_are_cut_makes_no_difference) {
    std::mt19937 random{3};
    for (int round = 0; round < 400; ++round) {
        std::string bytes(random() % 3000, ' ');
        auto const mean_line = 1 + random() % 60;
        for (auto& each : bytes) {
            each = random() % mean_line == 0 ? '\n'
                   : random() % 20 == 0      ? '\r'
                                             : static_cast<char>('a' + random() % 26);
        }
        auto const max_line = random() % 2 == 0 ? bytes.size() + 1 : 1 + random() % 50;
        line_splitter splitter{{.chunk_size = 1 + random() % 300,
                                .max_line = max_line,
                                .long_lines = sluice::long_lines::cut,
                                .spare_chunks = random() % 4}};
        std::vector<text> lines;  // all kept: nothing may be written over
        auto const keep = random() % 2 == 0;
        lines_of_text found;
        auto const take = [&](std::optional<text> line) {
            if (!line) return false;
            found.push_back(line->str());
            if (keep) lines.push_back(*std::move(line));
            return true;
        };
        for (std::string_view rest{bytes}; !rest.empty();) {
            if (random() % 3 == 0) {
                auto const piece = rest.substr(0, 1 + random() % 400);
                splitter.feed(piece);
                rest.remove_prefix(piece.size());
            } else {
                auto const room = splitter.prepare();
                BOOST_REQUIRE(!room.empty());
                auto const count = rest.copy(room.data(), random() % (room.size() + 1));
                splitter.commit(count);
                rest.remove_prefix(count);
            }
            for (auto limit = random() % 100; limit > 0 && take(splitter.next());) --limit;
        }
        while (take(splitter.next())) {}
        take(splitter.finish());
        auto const expected = plainly_split(bytes, max_line);
        BOOST_REQUIRE((found == expected));
        if (keep) BOOST_REQUIRE((strings(lines) == expected));
        BOOST_REQUIRE(splitter.offset() == bytes.size());
    }
}

BOOST_AUTO_TEST_CASE(long_lines_of_a_piece_lie_where_they_were_read) {
    line_splitter splitter;
    auto const room = splitter.prepare();
    std::string_view const bytes = "a first line of thirty characters\na second line of thirty characters\n";
    bytes.copy(room.data(), room.size());
    splitter.commit(bytes.size());
    auto const first = splitter.next();
    auto const second = splitter.next();
    BOOST_TEST(first.value().data() == room.data());
    BOOST_TEST(second.value().data() == room.data() + first->size() + 1);
    BOOST_TEST(!splitter.next());
}

BOOST_AUTO_TEST_CASE(bytes_that_come_later_do_not_touch_what_a_line_may_still_read) {
    // Words of a line are cut by reading a little beyond its end: nothing is written there as long as it lives.
    line_splitter splitter;
    auto const line_bytes = std::string(40, 'x') + "\n";
    for (int tail = 0; tail < 40; ++tail) {
        splitter.feed(line_bytes);
        splitter.feed(std::string(static_cast<std::size_t>(tail), 'y'));
        auto const line = splitter.next().value();
        std::string const behind(line.end(), line.end() + sluice::core::text_chunk::slack);
        splitter.feed(std::string(30, 'z') + "\n");
        BOOST_TEST(std::string(line.end(), line.end() + sluice::core::text_chunk::slack) == behind);
        BOOST_TEST(splitter.next().value() == std::string(static_cast<std::size_t>(tail), 'y') + std::string(30, 'z'));
    }
}

BOOST_AUTO_TEST_CASE(chunks_are_used_again_once_their_lines_are_gone) {
    line_splitter splitter{{.chunk_size = 1000}};
    std::set<char const*> places;
    for (int i = 0; i < 10'000; ++i) {
        splitter.feed(std::string(99, 'x') + "\n");
        auto const line = splitter.next();
        places.insert(line.value().data());
    }
    BOOST_TEST(places.size() <= 20U);  // ten lines in each of two chunks at most
}

BOOST_AUTO_TEST_CASE(chunks_in_flight_are_used_again_in_turn) {
    line_splitter splitter{{.chunk_size = 1000, .spare_chunks = 8}};
    std::set<char const*> places;
    std::vector<text> in_flight(50);
    for (std::size_t i = 0; i < 10'000; ++i) {
        splitter.feed(std::string(99, static_cast<char>('a' + i % 26)) + "\n");
        auto& slot = in_flight[i % in_flight.size()];
        slot = splitter.next().value();
        places.insert(slot.data());
    }
    BOOST_TEST(places.size() <= 90U);
    for (std::size_t i = 0; i < in_flight.size(); ++i) {
        BOOST_TEST(in_flight[i] == std::string(99, static_cast<char>('a' + (10'000 - in_flight.size() + i) % 26)));
    }
}

BOOST_AUTO_TEST_CASE(a_line_longer_than_the_bound_is_an_error_that_says_where) {
    for (auto const ended : {false, true}) {
        line_splitter splitter{{.chunk_size = 64, .max_line = 100}, "/some/file"};
        splitter.feed("twelve bytes\n" + std::string(101, 'x') + (ended ? "\n" : ""));
        BOOST_TEST(splitter.next().value() == "twelve bytes");
        for (int again = 0; again < 2; ++again) {
            try {
                (void)splitter.next();
                BOOST_ERROR("no exception");
            } catch (std::system_error const& error) {
                BOOST_TEST((error.code() == std::errc::value_too_large));
                std::string_view const sentence{error.what()};
                BOOST_TEST(sentence.starts_with(
                    "/some/file: the line at byte 13 is longer than line_options::max_line (100)"));
            }
        }
        splitter.start("/other/file");
        splitter.feed("fine\n");
        BOOST_TEST(splitter.next().value() == "fine");
        BOOST_TEST(splitter.offset() == 5U);
    }
}

BOOST_AUTO_TEST_CASE(a_line_of_just_the_bound_is_none) {
    BOOST_TEST((split(std::string(100, 'x') + "\n", {.chunk_size = 64, .max_line = 100}) ==
                lines_of_text{std::string(100, 'x')}));
    BOOST_TEST(
        (split(std::string(100, 'x'), {.chunk_size = 64, .max_line = 100}) == lines_of_text{std::string(100, 'x')}));
}

BOOST_AUTO_TEST_CASE(a_long_line_is_cut_into_pieces_on_request_and_nothing_of_it_is_lost) {
    line_options const options{.chunk_size = 64, .max_line = 100, .long_lines = sluice::long_lines::cut};
    auto const line = std::string(100, 'x') + std::string(100, 'y') + std::string(30, 'z');
    BOOST_TEST((split("first\n" + line + "\nlast", options) ==
                lines_of_text{"first", line.substr(0, 100), line.substr(100, 100), line.substr(200), "last"}));
    BOOST_TEST((split(line.substr(0, 200), options) == lines_of_text{line.substr(0, 100), line.substr(100, 100)}));
}

BOOST_AUTO_TEST_CASE(a_long_line_is_skipped_on_request_and_counted) {
    line_options const options{.chunk_size = 16, .max_line = 10, .long_lines = sluice::long_lines::skip};
    auto const ten = std::string(10, 'x');
    auto const eleven = std::string(11, 'y');
    auto const many = std::string(1000, 'z');
    BOOST_TEST((split(ten + "\n" + eleven + "\na\n\n" + many + "\n" + many + "\nb", options) ==
                lines_of_text{ten, "a", "", "b"}));
    BOOST_TEST(split(many, options).empty());
    BOOST_TEST((split(many + "\n", options).empty()));

    line_splitter splitter{options};
    splitter.feed(many);
    BOOST_TEST(!splitter.next());
    BOOST_TEST(splitter.skipped() == 1u);
    splitter.feed(many);
    BOOST_TEST(!splitter.next());
    BOOST_TEST(splitter.skipped() == 1u);  // it goes on
    splitter.feed("\na\n" + eleven + "\n" + many);
    BOOST_TEST(splitter.next().value() == "a");
    BOOST_TEST(!splitter.next());
    BOOST_TEST(splitter.skipped() == 3u);
    splitter.start("another");
    splitter.feed("not the rest\nb");
    BOOST_TEST(!splitter.next());
    BOOST_TEST(splitter.finish().value() == "b");
    BOOST_TEST(splitter.skipped() == 4u);
}

BOOST_AUTO_TEST_CASE(starting_anew_drops_the_rest_and_keeps_the_lines) {
    line_splitter splitter;
    splitter.feed("a line of one file, long enough to be shared\nits rest");
    auto const line = splitter.next().value();
    splitter.start("another");
    BOOST_TEST(splitter.offset() == 0U);
    BOOST_TEST(!splitter.next());
    splitter.feed("a line of another file, long enough to be shared\n");
    auto const other = splitter.next().value();
    BOOST_TEST(line == "a line of one file, long enough to be shared");
    BOOST_TEST(other == "a line of another file, long enough to be shared");
    BOOST_TEST((line.data() < other.data() && other.data() < line.data() + 200));  // in one chunk
}

BOOST_AUTO_TEST_CASE(lines_outlive_their_splitter_and_a_splitter_may_move) {
    std::vector<text> lines;
    {
        line_splitter first;
        first.feed("a line that is long enough to be shared\nand one that is not finished");
        lines.push_back(first.next().value());
        line_splitter second{std::move(first)};
        second.feed(" yet, until now\n");
        lines.push_back(second.next().value());
        line_splitter third;
        third.feed("dropped");
        third = std::move(second);
        third.feed("the last line of all, which is long, too");
        BOOST_TEST(!third.next());
        lines.push_back(third.finish().value());
    }
    BOOST_TEST((strings(lines) == lines_of_text{"a line that is long enough to be shared",
                                                "and one that is not finished yet, until now",
                                                "the last line of all, which is long, too"}));
}

BOOST_AUTO_TEST_CASE(options_of_zero_are_refused_by_name) {
    auto const sentence_of = [](line_options options) -> std::string {
        try {
            line_splitter const refused{options};
        } catch (boost::system::system_error const& error) {
            BOOST_TEST((error.code() == sluice::errc::invalid_option));
            return error.what();
        }
        return "no exception";
    };
    BOOST_TEST(sentence_of({.chunk_size = 0}).find("line_options::chunk_size must be at least 1 (got 0)") !=
               std::string::npos);
    BOOST_TEST(sentence_of({.max_line = 0}).find("line_options::max_line must be at least 1 (got 0)") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
