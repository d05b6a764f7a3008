#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sluice/line_reader.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using sluice::line_reader;
using sluice::text;

namespace {

// A folder that goes when the test ends.
class folder {
public:
    folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "sluice-lines-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        x_path = pattern;
    }
    folder(folder const&) = delete;
    auto operator=(folder const&) -> folder& = delete;
    ~folder() { std::filesystem::remove_all(x_path); }

    auto path() const -> std::filesystem::path const& { return x_path; }
    auto file(std::string const& name, std::string_view bytes) const -> std::filesystem::path {
        std::ofstream{x_path / name, std::ios::binary} << bytes;
        return x_path / name;
    }

private:
    std::filesystem::path x_path;
};

auto all_lines(line_reader& reader, std::size_t at_once = 3) -> std::vector<std::string> {
    std::vector<std::string> result;
    std::vector<text> lines;
    while (reader.read(lines, at_once)) {
        BOOST_REQUIRE(!lines.empty());
        BOOST_REQUIRE(lines.size() <= at_once);
        for (auto const& line : lines) result.push_back(line.str());
        lines.clear();
    }
    BOOST_REQUIRE(lines.empty());
    return result;
}

auto numbered_lines(int count) -> std::vector<std::string> {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i)
        lines.push_back(std::string(static_cast<std::size_t>(i * 37 % 90), 'x') + std::to_string(i));
    return lines;
}

auto joined(std::vector<std::string> const& lines) -> std::string {
    std::string bytes;
    for (auto const& line : lines) bytes += line + "\n";
    return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reading_lines)

BOOST_AUTO_TEST_CASE(a_file_gives_its_lines_in_order_whatever_the_size_of_a_chunk) {
    folder const here;
    auto const lines = numbered_lines(2000);
    auto const bytes = joined(lines);
    auto const path = here.file("lines.txt", bytes);
    for (std::size_t const chunk_size : {1, 30, 1000, 262'144}) {
        line_reader reader{path, {.chunk_size = chunk_size}};
        BOOST_TEST((all_lines(reader, 7) == lines));
        BOOST_TEST(reader.bytes_read() == bytes.size());
        std::vector<text> none;
        BOOST_TEST(!reader.read(none, 1));
    }
}

BOOST_AUTO_TEST_CASE(the_last_line_needs_no_newline_and_an_empty_file_has_none) {
    folder const here;
    line_reader reader;
    BOOST_TEST(all_lines(reader).empty());
    reader.open(here.file("unfinished", "one\ntwo"));
    BOOST_TEST((all_lines(reader) == std::vector<std::string>{"one", "two"}));
    reader.open(here.file("empty", ""));
    BOOST_TEST(all_lines(reader).empty());
    reader.open(here.file("blank", "\n"));
    BOOST_TEST((all_lines(reader) == std::vector<std::string>{""}));
}

BOOST_AUTO_TEST_CASE(opening_another_file_drops_the_rest_of_the_first) {
    folder const here;
    line_reader reader{here.file("first", "one\ntwo\nthree")};
    std::vector<text> lines;
    BOOST_TEST(reader.read(lines, 1));
    reader.open(here.file("second", "four\n"));
    BOOST_TEST(reader.read(lines, 10));
    BOOST_TEST(!reader.read(lines, 10));
    BOOST_REQUIRE(lines.size() == 2U);
    BOOST_TEST((lines[0] == "one" && lines[1] == "four"));
    BOOST_TEST(reader.bytes_read() == 5U);
}

BOOST_AUTO_TEST_CASE(asking_for_no_lines_reads_none) {
    folder const here;
    line_reader reader{here.file("file", "one\n")};
    std::vector<text> lines;
    BOOST_TEST(!reader.read(lines, 0));
    BOOST_TEST(lines.empty());
    BOOST_TEST(reader.read(lines, 1));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_named) {
    folder const here;
    auto const failure = [](auto const& action) -> std::string {
        try {
            action();
        } catch (std::system_error const& error) {
            return error.what();
        }
        return "no exception";
    };
    auto const missing = here.path() / "missing";
    BOOST_TEST(failure([&] { line_reader{missing}; }) ==
               "cannot open '" + missing.string() + "': No such file or directory");
    line_reader of_folder{here.path()};
    std::vector<text> lines;
    BOOST_TEST(failure([&] { of_folder.read(lines, 1); }) ==
               "cannot read '" + here.path().string() + "': Is a directory");
    auto const endless = here.file("endless", "short\n" + std::string(2000, 'x'));
    line_reader of_endless{endless, {.chunk_size = 64, .max_line = 1000}};
    BOOST_TEST(of_endless.read(lines, 10));
    BOOST_TEST(lines.size() == 1U);
    BOOST_TEST(failure([&] { of_endless.read(lines, 10); }) ==
               endless.string() + ": the line at byte 6 is longer than line_options::max_line (1000): " +
                   std::make_error_code(std::errc::value_too_large).message());
}

BOOST_AUTO_TEST_CASE(a_reader_moves_with_what_it_has_read) {
    folder const here;
    line_reader first{here.file("file", "one\ntwo\nthree\n")};
    std::vector<text> lines;
    BOOST_TEST(first.read(lines, 1));
    line_reader second{std::move(first)};
    BOOST_TEST(second.read(lines, 1));
    line_reader third;
    third = std::move(second);
    BOOST_TEST(third.read(lines, 1));
    BOOST_TEST((lines[0] == "one" && lines[1] == "two" && lines[2] == "three"));
    BOOST_TEST(!third.read(lines, 1));
}

BOOST_AUTO_TEST_CASE(a_stream_gives_its_lines) {
    auto const lines = numbered_lines(500);
    for (std::size_t const chunk_size : {1, 50, 262'144}) {
        std::istringstream stream{joined(lines)};
        line_reader reader{stream, {.chunk_size = chunk_size}};
        BOOST_TEST((all_lines(reader) == lines));
    }
}

BOOST_AUTO_TEST_CASE(a_stream_that_cannot_say_what_it_has_gives_a_line_at_a_time) {
    // Like std::cin: no buffer that could be looked into.
    struct : std::streambuf {
        std::string bytes = "one\ntwo\nthree";
        std::size_t at = 0;
        auto underflow() -> int_type override { return at < bytes.size() ? bytes[at] : traits_type::eof(); }
        auto uflow() -> int_type override { return at < bytes.size() ? bytes[at++] : traits_type::eof(); }
    } buffer;
    std::istream stream{&buffer};
    line_reader reader{stream};
    std::vector<text> lines;
    BOOST_TEST(reader.read(lines, 10));
    BOOST_TEST((lines.size() == 1U && lines[0] == "one"));
    BOOST_TEST(buffer.at == 4U);
    BOOST_TEST((all_lines(reader) == std::vector<std::string>{"two", "three"}));
}

BOOST_AUTO_TEST_CASE(a_stream_that_fails_is_an_error) {
    struct : std::streambuf {
        auto underflow() -> int_type override { throw 1; }
    } buffer;
    std::istream stream{&buffer};
    line_reader reader{stream};
    std::vector<text> lines;
    BOOST_CHECK_THROW(reader.read(lines, 1), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_line_that_came_through_a_pipe_is_not_held_back) {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe(ends.data()) == 0);
    line_reader reader{"/dev/fd/" + std::to_string(ends[0])};
    std::vector<text> lines;
    std::string_view const first = "a line that is long enough to be shared\nand half";
    BOOST_REQUIRE(::write(ends[1], first.data(), first.size()) == static_cast<ssize_t>(first.size()));
    BOOST_TEST(reader.read(lines, 1000));
    BOOST_TEST(lines.size() == 1U);
    std::string_view const second = " a line\n";
    BOOST_REQUIRE(::write(ends[1], second.data(), second.size()) == static_cast<ssize_t>(second.size()));
    BOOST_TEST(reader.read(lines, 1000));
    ::close(ends[1]);
    BOOST_TEST(!reader.read(lines, 1000));
    ::close(ends[0]);
    BOOST_TEST((lines[0] == "a line that is long enough to be shared" && lines[1] == "and half a line"));
}

BOOST_AUTO_TEST_CASE(who_leaves_out_a_line_without_an_end_is_asked_again_and_again) {
    struct : std::streambuf {
        std::array<char, 100> some{};
        auto underflow() -> int_type override {
            some.fill('x');
            setg(some.data(), some.data(), some.data() + some.size());
            return some[0];
        }
    } endless;
    std::istream stream{&endless};
    line_reader reader{stream, {.chunk_size = 64, .max_line = 50, .long_lines = sluice::long_lines::skip}};
    std::vector<text> lines;
    for (int i = 0; i < 100; ++i) BOOST_REQUIRE(!reader.read_some(lines, 10));
    BOOST_TEST(lines.empty());
    BOOST_TEST(reader.lines_skipped() == 1U);
    BOOST_TEST(reader.bytes_read() > 1000U);
}

BOOST_AUTO_TEST_SUITE_END()
