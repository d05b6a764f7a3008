#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <iterator>
#include <memory>
#include <random>
#include <ranges>
#include <sluice/words.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using sluice::text;

namespace {

using list = std::vector<std::string>;

auto words_of(text line) -> list {
    list result;
    for (auto const& word : sluice::words(std::move(line))) result.push_back(word.str());
    return result;
}

// What a word is, said in another way.
auto plainly(std::string_view line) -> list {
    auto const in_word = [&](std::size_t at) {
        if (at >= line.size()) return false;
        auto const c = static_cast<unsigned char>(line[at]);
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    };
    list result;
    std::string word;
    for (std::size_t at = 0; at <= line.size(); ++at) {
        bool const joins = at < line.size() && line[at] == '\'' && at > 0 && in_word(at - 1) && in_word(at + 1);
        if (in_word(at) || joins) {
            word += line[at];
        } else if (!word.empty()) {
            result.push_back(std::exchange(word, {}));
        }
    }
    return result;
}

}  // namespace

static_assert(std::ranges::view<sluice::word_view> && std::ranges::forward_range<sluice::word_view>);
static_assert(std::same_as<std::ranges::range_value_t<sluice::word_view>, text>);

BOOST_AUTO_TEST_SUITE(words_of_a_text)

BOOST_AUTO_TEST_CASE(words_are_runs_of_letters_digits_utf8_and_apostrophes_inside) {
    struct {
        std::string_view line;
        list words;
    } const table[] = {
        {"", {}},
        {" .,;-\t", {}},
        {"word", {"word"}},
        {" The quick, brown fox.", {"The", "quick", "brown", "fox"}},
        {"don't 'quoted' rock'n'roll o''clock ' '' x'", {"don't", "quoted", "rock'n'roll", "o", "clock", "x"}},
        {"don't 'quoted' and much more to make it long, isn't it'",
         {"don't", "quoted", "and", "much", "more", "to", "make", "it", "long", "isn't", "it"}},
        {"naïve Größe 日本語", {"naïve", "Größe", "日本語"}},
        {"a1b2 3.14 under_score", {"a1b2", "3", "14", "under", "score"}},
        {"a-word-that-is Donaudampfschifffahrtsgesellschaft!",
         {"a", "word", "that", "is", "Donaudampfschifffahrtsgesellschaft"}},
    };
    for (auto const& row : table) {
        BOOST_TEST((words_of(text{row.line}) == row.words));
        BOOST_TEST((plainly(row.line) == row.words));
    }
}

BOOST_AUTO_TEST_CASE(any_bytes_give_the_words_that_their_definition_says) {
    std::mt19937 random{5};
    for (int round = 0; round < 3000; ++round) {
        std::string line(random() % 300, ' ');
        for (auto& each : line) each = "abZ09'' .\xc3\x7f\x00@[`{/:"[random() % 18];
        BOOST_REQUIRE((words_of(text{line}) == plainly(line)));
        // the same as a part of a longer text, whose neighbours are words
        text const whole{"xx" + line + "xx and so on, and so on, and so on"};
        BOOST_REQUIRE((words_of(whole.substr(2, line.size())) == plainly(line)));
    }
}

BOOST_AUTO_TEST_CASE(words_stay_when_the_line_has_gone) {
    auto view = std::make_unique<sluice::word_view>(
        sluice::words("a line with Donaudampfschifffahrtsgesellschaft in it, which is long"));
    std::vector<text> words;
    std::ranges::copy(*view, std::back_inserter(words));
    view.reset();
    BOOST_TEST(words.size() == 9U);
    BOOST_TEST(words[3] == "Donaudampfschifffahrtsgesellschaft");
}

BOOST_AUTO_TEST_CASE(words_are_a_range_like_any_other) {
    auto const long_ones = [](text const& word) { return word.size() > 3; };
    list found;
    for (auto const& word : sluice::words("one three two four") | std::views::filter(long_ones))
        found.push_back(word.str());
    BOOST_TEST((found == list{"three", "four"}));
    auto const view = sluice::words("a b c");
    auto at = view.begin();
    auto const first = at++;
    BOOST_TEST((*first == "a" && *at == "b" && first != at && std::ranges::next(first) == at));
    BOOST_TEST((!view.empty() && sluice::words(" ").empty() && sluice::word_view{}.empty()));
    BOOST_TEST(std::ranges::distance(view) == 3);
}

BOOST_AUTO_TEST_CASE(lower_case_changes_ascii_capitals_and_nothing_else) {
    std::string every;
    for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
    auto const expected = [](std::string characters) {
        for (auto& each : characters) {
            if (each >= 'A' && each <= 'Z') each = static_cast<char>(each + 32);
        }
        return characters;
    };
    BOOST_TEST(sluice::lower_case(text{every}) == expected(every));
    for (std::size_t position = 0; position < every.size(); ++position) {
        for (std::size_t const count : {1U, 8U, 22U, 23U, 24U}) {
            auto const part = every.substr(position, count);
            BOOST_TEST(sluice::lower_case(text{part}) == expected(part));
            BOOST_TEST(sluice::lower_case(text{part}) == text{expected(part)});
        }
    }
    text const low{"a long text that has no capitals at all"};
    BOOST_TEST(sluice::lower_case(low).data() == low.data());
    text const high{"A long text that has One"};
    BOOST_TEST(sluice::lower_case(high) == "a long text that has one");
    BOOST_TEST(high == "A long text that has One");
}

BOOST_AUTO_TEST_SUITE_END()
