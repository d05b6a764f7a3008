#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../../samples/word_count_support.hpp"

namespace {

namespace fs = std::filesystem;

class folder {
public:
    folder() {
        auto pattern = (fs::temp_directory_path() / "sluice-count-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        x_path = pattern;
    }
    folder(folder const&) = delete;
    auto operator=(folder const&) -> folder& = delete;
    ~folder() { fs::remove_all(x_path); }

    auto operator/(std::string_view name) const -> fs::path { return x_path / name; }
    auto path() const -> fs::path const& { return x_path; }
    auto file(std::string_view name, std::string_view bytes) const -> fs::path {
        fs::create_directories((x_path / name).parent_path());
        std::ofstream{x_path / name, std::ios::binary} << bytes;
        return x_path / name;
    }

private:
    fs::path x_path;
};

using counts = std::vector<std::pair<std::string, std::size_t>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(word_count_support)

BOOST_AUTO_TEST_CASE(the_text_files_of_a_folder_are_found_at_any_depth_and_others_are_named_with_a_reason) {
    folder const here;
    auto const b = here.file("b.txt", "four");
    auto const deep = here.file("a/deep/er.txt", "twelve bytes");
    auto const binary = here.file("binary", std::string(10, '\0'));
    auto const late = here.file("late", std::string(8192, 'x') + '\0');
    auto const compressed = here.file("x.gz", "no zero byte");
    auto const empty = here.file("empty", "");
    fs::create_directory_symlink(here.path(), here / "circle");
    BOOST_REQUIRE(::mkfifo((here / "pipe").c_str(), 0600) == 0);

    auto const missing = here / "missing";
    auto const found = word_count::find_text_files({here.path(), missing, b});
    BOOST_TEST((found.paths == std::vector<fs::path>{deep, b, late, b}));
    BOOST_TEST(found.bytes == 12U + 4 + 8193 + 4);
    std::vector<std::pair<fs::path, std::string>> skipped;
    for (auto const& [path, reason] : found.skipped) skipped.emplace_back(path, reason);
    BOOST_TEST((skipped == decltype(skipped){{binary, "binary"},
                                             {empty, "empty"},
                                             {here / "pipe", "not a regular file"},
                                             {compressed, "compressed"},
                                             {missing, "No such file or directory"}}));
}

BOOST_AUTO_TEST_CASE(many_files_skipped_for_one_reason_are_reported_in_few_lines) {
    std::ostringstream out;
    word_count::report_skipped({{"a", "binary"}, {"b", "binary"}, {"c", "empty"}, {"d", "binary"}, {"e", "binary"}},
                               out, 2);
    BOOST_TEST(out.str() == "skipped a: binary\nskipped b: binary\nskipped c: empty\nskipped 2 more: binary\n");
}

BOOST_AUTO_TEST_CASE(the_longest_bar_fills_the_width_and_the_others_are_in_proportion) {
    std::ostringstream out;
    word_count::draw_chart(out, counts{{"the", 1000}, {"of", 500}, {"a", 1}}, 40, false);
    BOOST_TEST(out.str() ==
               "the  1,000 " + std::string(28, '#') + "\nof     500 " + std::string(14, '#') + "\na        1 #\n");
    out.str("");
    word_count::draw_chart(out, counts{{"word", 8}, {"half", 4}, {"bit", 1}}, 18, true);
    BOOST_TEST(out.str() == "word 8 ██████████\nhalf 4 █████\nbit  1 █▎\n");
}

BOOST_AUTO_TEST_CASE(words_are_shown_as_a_terminal_may_see_them) {
    BOOST_TEST(word_count::fitted("Größe", 7, true) == "Größe  ");
    BOOST_TEST(word_count::fitted("Größe", 7, false) == "Gr??e  ");
    BOOST_TEST(word_count::fitted("日本語", 2, true) == "日本");
    BOOST_TEST(word_count::fitted("a\xff\xc3z\xc2\x9b\x1b", 7, true) == "a??z?? ");
    BOOST_TEST(word_count::grouped(0) == "0");
    BOOST_TEST(word_count::grouped(999) == "999");
    BOOST_TEST(word_count::grouped(1000) == "1,000");
    BOOST_TEST(word_count::grouped(1234567) == "1,234,567");
}

BOOST_AUTO_TEST_SUITE_END()
