#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <compare>
#include <cstddef>
#include <functional>
#include <random>
#include <ranges>
#include <set>
#include <sluice/text.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

using sluice::text;

namespace {

// One of each kind that matters: empty, short, the longest short one, the shortest long one, long.
auto lengths() -> std::vector<std::size_t> { return {0, 1, 7, 8, 9, 15, 16, 17, 22, 23, 24, 25, 100, 5000}; }

auto letters(std::size_t count, std::size_t seed = 0) -> std::string {
    std::string result(count, ' ');
    for (std::size_t i = 0; i < count; ++i) result[i] = static_cast<char>('a' + (i * 7 + seed) % 26);
    return result;
}

// Where the characters of the text are: inside the object, or elsewhere.
auto holds_its_characters(text const& each) -> bool {
    auto const* const object = reinterpret_cast<char const*>(&each);
    return std::less_equal<>{}(object, each.data()) && std::less<>{}(each.data(), object + sizeof each);
}

}  // namespace

static_assert(sizeof(text) <= 24);
static_assert(std::is_nothrow_default_constructible_v<text>);
static_assert(std::is_nothrow_copy_constructible_v<text> && std::is_nothrow_copy_assignable_v<text>);
static_assert(std::is_nothrow_move_constructible_v<text> && std::is_nothrow_move_assignable_v<text>);
static_assert(std::is_nothrow_swappable_v<text>);
static_assert(std::is_nothrow_convertible_v<text, std::string_view>);
static_assert(std::is_constructible_v<std::string, text> && !std::is_convertible_v<text, std::string>);
static_assert(std::is_convertible_v<std::string, text> && std::is_convertible_v<char const*, text>);
static_assert(!std::is_convertible_v<std::string_view, text> && std::is_constructible_v<text, std::string_view>);
static_assert(!std::is_constructible_v<text, std::nullptr_t>);
static_assert(std::ranges::contiguous_range<text> && std::ranges::sized_range<text>);
static_assert(std::three_way_comparable<text, std::strong_ordering> &&
              std::totally_ordered_with<text, std::string_view>);

BOOST_AUTO_TEST_SUITE(text_slices)

BOOST_AUTO_TEST_CASE(a_text_has_the_characters_it_was_made_of) {
    for (auto const length : lengths()) {
        auto const characters = letters(length);
        text const made{characters};
        BOOST_TEST(made.view() == characters);
        BOOST_TEST(made.size() == length);
        BOOST_TEST(made.length() == length);
        BOOST_TEST(made.empty() == (length == 0));
        BOOST_TEST(made.str() == characters);
        BOOST_TEST(std::string{made} == characters);
        BOOST_TEST(std::string(made.begin(), made.end()) == characters);
        BOOST_TEST(text{characters.c_str()}.view() == characters);
        BOOST_TEST(text{std::string_view{characters}}.view() == characters);
        if (length == 0) continue;
        BOOST_TEST(made.front() == characters.front());
        BOOST_TEST(made.back() == characters.back());
        BOOST_TEST(made[length / 2] == characters[length / 2]);
        BOOST_TEST(made.at(length - 1) == characters.back());
        BOOST_CHECK_THROW((void)made.at(length), std::out_of_range);
    }
}

BOOST_AUTO_TEST_CASE(zero_bytes_are_characters_like_any_others) {
    auto const zeros = [](std::size_t count) { return text{std::string(count, '\0')}; };
    BOOST_TEST(zeros(0) != zeros(1));
    BOOST_TEST(zeros(22) != zeros(23));
    BOOST_TEST(zeros(23) != zeros(24));
    BOOST_TEST(zeros(23) == zeros(23));
    BOOST_TEST(zeros(24) == zeros(24));
    BOOST_TEST(zeros(24).size() == 24U);
}

BOOST_AUTO_TEST_CASE(short_texts_hold_their_characters_and_long_ones_share_them) {
    for (auto const length : lengths()) {
        text const made{letters(length)};
        text const copy = made;
        BOOST_TEST(holds_its_characters(made) == (length <= text::inline_capacity));
        BOOST_TEST((copy.data() == made.data()) == (length > text::inline_capacity));
        BOOST_TEST(copy == made);
    }
}

BOOST_AUTO_TEST_CASE(moving_leaves_the_source_empty_and_does_not_move_long_characters) {
    for (auto const length : lengths()) {
        text made{letters(length)};
        auto const* const before = made.data();
        text moved = std::move(made);
        BOOST_TEST(moved == letters(length));
        BOOST_TEST(made.empty());  // NOLINT: that is the claim
        if (length > text::inline_capacity) BOOST_TEST(moved.data() == before);
        text assigned{letters(40, 3)};
        assigned = std::move(moved);
        BOOST_TEST(assigned == letters(length));
        BOOST_TEST(moved.empty());  // NOLINT: that is the claim
    }
}

BOOST_AUTO_TEST_CASE(assigning_a_text_to_itself_changes_nothing) {
    for (auto const length : lengths()) {
        text made{letters(length)};
        auto& same = made;
        made = same;
        BOOST_TEST(made == letters(length));
        made = std::move(same);
        BOOST_TEST(made == letters(length));
    }
}

BOOST_AUTO_TEST_CASE(swapping_exchanges_short_and_long) {
    text a{"short"};
    text b{letters(100)};
    swap(a, b);
    BOOST_TEST(a == letters(100));
    BOOST_TEST(b == "short");
}

BOOST_AUTO_TEST_CASE(every_part_is_what_a_string_view_would_give) {
    for (auto const length : {0U, 5U, 23U, 24U, 60U}) {
        auto const characters = letters(length);
        std::string_view const expected{characters};
        text const whole{characters};
        for (std::size_t position = 0; position <= length; ++position) {
            BOOST_TEST(whole.substr(position) == expected.substr(position));
            for (std::size_t count = 0; position + count <= length; ++count) {
                auto const part = whole.substr(position, count);
                BOOST_TEST(part == expected.substr(position, count));
                BOOST_TEST(part == text{expected.substr(position, count)});
                BOOST_TEST(slice(whole, whole.view().substr(position, count)) == part);
            }
        }
        BOOST_TEST(whole.substr() == whole);
        BOOST_CHECK_THROW((void)whole.substr(length + 1), std::out_of_range);
    }
}

BOOST_AUTO_TEST_CASE(a_long_part_shares_the_characters_of_the_whole_and_outlives_it) {
    auto whole = std::make_unique<text>(letters(200));
    auto const part = whole->substr(50, 100);
    BOOST_TEST(part.data() == whole->data() + 50);
    auto const part_of_part = slice(part, part.view().substr(10, 50));
    BOOST_TEST(part_of_part.data() == whole->data() + 60);
    whole.reset();
    BOOST_TEST(part_of_part == letters(200).substr(60, 50));
}

BOOST_AUTO_TEST_CASE(a_view_of_something_else_is_not_a_part) {
    text const whole{letters(100)};
    text const other{letters(100)};
    BOOST_CHECK_THROW((void)slice(whole, other.view()), std::out_of_range);
    BOOST_CHECK_THROW((void)slice(whole.substr(10, 50), whole.view()), std::out_of_range);
    BOOST_TEST(slice(whole, std::string_view{}).empty());
}

BOOST_AUTO_TEST_CASE(a_compact_text_does_not_keep_a_large_chunk) {
    text const whole{letters(1000)};
    for (auto const length : lengths()) {
        if (length > whole.size()) continue;
        auto const part = whole.substr(0, length);
        auto const compact = part.compact();
        BOOST_TEST(compact == part);
        if (length > text::inline_capacity) BOOST_TEST(compact.data() != part.data());
    }
    BOOST_TEST(whole.compact().data() == whole.data());
    BOOST_TEST(whole.substr(100).compact().data() == whole.data() + 100);
}

BOOST_AUTO_TEST_CASE(texts_compare_as_string_views_do) {
    std::mt19937 random{7};
    std::vector<std::string> samples;
    for (int i = 0; i < 120; ++i) {
        auto const length = lengths()[random() % 12];
        std::string sample(length, 'a');
        for (auto& each : sample) each = static_cast<char>(random() % 16 == 0 ? 0x80 + random() % 4 : 'a');
        samples.push_back(sample);
    }
    for (auto const& a : samples) {
        for (auto const& b : samples) {
            std::string_view const va{a};
            std::string_view const vb{b};
            auto const order = va <=> vb;
            BOOST_REQUIRE((text{a} == text{b}) == (va == vb));
            BOOST_REQUIRE((text{a} <=> text{b}) == order);
            BOOST_REQUIRE((text{a} <=> b) == order);
            BOOST_REQUIRE((va <=> text{b}) == order);
            BOOST_REQUIRE((text{a} < text{b}) == (va < vb));
            BOOST_REQUIRE((text{a}.compare(vb) < 0) == (va < vb));
        }
    }
}

BOOST_AUTO_TEST_CASE(texts_compare_with_all_that_reads_as_a_string_view) {
    text const word{"word"};
    BOOST_TEST((word == "word" && "word" == word && word != "wort" && "wort" != word));
    BOOST_TEST((word == std::string{"word"} && std::string{"word"} == word));
    BOOST_TEST((word == std::string_view{"word"} && std::string_view{"word"} == word));
    BOOST_TEST((word < "work" && "wolf" < word && word >= std::string{"word"} && std::string_view{"x"} > word));
}

BOOST_AUTO_TEST_CASE(questions_are_answered_as_by_a_string_view) {
    for (auto const* const characters : {"needle", "a needle in a stack of hay"}) {
        std::string_view const view{characters};
        text const made{characters};
        BOOST_TEST(made.starts_with("a need") == view.starts_with("a need"));
        BOOST_TEST(made.starts_with('n') == view.starts_with('n'));
        BOOST_TEST(made.ends_with("hay") == view.ends_with("hay"));
        BOOST_TEST(made.ends_with('e') == view.ends_with('e'));
        BOOST_TEST(made.find("needle") == view.find("needle"));
        BOOST_TEST(made.find('e', 4) == view.find('e', 4));
        BOOST_TEST(made.find("hey") == text::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_text_hashes_as_a_string_view_and_is_found_by_one) {
    std::unordered_map<text, std::size_t, std::hash<text>, std::equal_to<>> sizes;
    for (auto const length : lengths()) {
        auto const characters = letters(length);
        BOOST_TEST(std::hash<text>{}(text{characters}) == std::hash<std::string_view>{}(characters));
        sizes[text{characters}] = length;
    }
    for (auto const length : lengths()) {
        auto const characters = letters(length);
        BOOST_TEST(sizes.at(text{characters}) == length);
        BOOST_REQUIRE((sizes.find(std::string_view{characters}) != sizes.end()));
        BOOST_REQUIRE((sizes.find(characters) != sizes.end()));
    }
    std::set<text, std::less<>> const ordered{"b", "a"};
    BOOST_TEST(ordered.begin()->view() == "a");
    BOOST_TEST(ordered.contains(std::string_view{"b"}));
}

BOOST_AUTO_TEST_CASE(a_text_prints_with_the_width_of_the_stream) {
    std::ostringstream out;
    out.width(6);
    out << text{"abc"} << '|' << text{letters(30)};
    BOOST_TEST(out.str() == "   abc|" + letters(30));
}

BOOST_AUTO_TEST_CASE(a_text_works_with_standard_views) {
    text const line{"one,two,three and a bit more than short"};
    std::vector<std::string> fields;
    for (auto const field : line | std::views::split(',')) {
        fields.push_back(slice(line, std::string_view{field.begin(), field.end()}).str());
    }
    BOOST_TEST((fields == std::vector<std::string>{"one", "two", "three and a bit more than short"}));
    std::string reversed;
    std::ranges::copy(text{"abc"} | std::views::reverse, std::back_inserter(reversed));
    BOOST_TEST(reversed == "cba");
}

BOOST_AUTO_TEST_CASE(random_use_behaves_as_strings_do_and_leaves_nothing_behind) {
    std::mt19937 random{11};
    std::vector<text> texts(20);
    std::vector<std::string> strings(20);
    for (int step = 0; step < 20'000; ++step) {
        auto const at = random() % 20;
        auto const from = random() % 20;
        switch (random() % 5) {
            case 0:
                strings[at] = letters(random() % 60, step);
                texts[at] = strings[at];
                break;
            case 1:
                strings[at] = std::string{strings[from]};
                texts[at] = texts[from];
                break;
            case 2:
                std::swap(strings[at], strings[from]);
                std::swap(texts[at], texts[from]);
                break;
            case 3: {
                auto const position = random() % (strings[from].size() + 1);
                auto const count = random() % 40;
                strings[at] = strings[from].substr(position, count);
                texts[at] = texts[from].substr(position, count);
                break;
            }
            default: texts[at] = texts[at].compact();
        }
        BOOST_REQUIRE(texts[at] == strings[at]);
        BOOST_REQUIRE(texts[from] == strings[from]);
    }
}

BOOST_AUTO_TEST_SUITE_END()
