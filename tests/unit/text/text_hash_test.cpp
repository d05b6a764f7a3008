#include <boost/test/unit_test.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>
#include <set>
#include <sluice/text_hash.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using sluice::text;
using sluice::text_hash;

namespace {

// All texts of up to two letters, and runs of one letter of every length up to 60.
auto many_words() -> std::vector<std::string> {
    std::vector<std::string> words{""};
    for (char a = 'a'; a <= 'z'; ++a) {
        for (char b = 'a'; b <= 'z'; ++b) words.push_back({a, b});
        for (std::size_t size = 1; size <= 60; ++size) {
            if (size != 2) words.emplace_back(size, a);
        }
    }
    return words;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hash_of_texts)

BOOST_AUTO_TEST_CASE(equal_characters_have_equal_hashes_whatever_holds_them) {
    text_hash const hash;
    for (auto const& word : many_words()) {
        auto const expected = hash(text{word});
        BOOST_TEST(hash(word) == expected);
        BOOST_TEST(hash(std::string_view{word}) == expected);
        BOOST_TEST(hash(word.c_str()) == expected);
        BOOST_TEST(hash(text{"and more of it than a short one holds: " + word}.substr(39)) == expected);
    }
}

BOOST_AUTO_TEST_CASE(different_words_spread_over_all_bits) {
    text_hash const hash;
    std::set<std::size_t> values;
    std::vector<std::size_t> low(64);
    std::vector<std::size_t> high(64);
    auto const words = many_words();
    for (auto const& word : words) {
        auto const value = hash(word);
        values.insert(value);
        ++low[value % 64];
        ++high[value >> (sizeof value * 8 - 6)];
    }
    BOOST_TEST(values.size() == words.size());
    auto const share = words.size() / 64;
    for (auto const& counts : {low, high}) {
        for (auto const count : counts) BOOST_TEST((count > share / 3 && count < share * 3));
    }
}

BOOST_AUTO_TEST_CASE(tables_with_this_hash_find_by_text_and_by_string) {
    std::unordered_map<text, std::size_t, text_hash, std::equal_to<>> nodes;
    boost::unordered_flat_map<text, std::size_t, text_hash, std::equal_to<>> flat;
    auto const words = many_words();
    for (std::size_t i = 0; i < words.size(); ++i) {
        nodes[text{words[i]}] = i;
        flat[text{words[i]}] = i;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        BOOST_TEST(nodes.find(words[i])->second == i);
        BOOST_TEST(nodes.find(std::string_view{words[i]})->second == i);
        BOOST_TEST(flat.find(text{words[i]})->second == i);
        BOOST_TEST(flat.find(words[i])->second == i);
        BOOST_TEST(flat.find(words[i].c_str())->second == i);
    }
    BOOST_TEST((flat.find("no such word") == flat.end()));
}

BOOST_AUTO_TEST_SUITE_END()
