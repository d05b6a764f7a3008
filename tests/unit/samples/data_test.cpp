#include <stdlib.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "../../../samples/data.hpp"

BOOST_AUTO_TEST_SUITE(sample_data_generator)

namespace {

struct folder {
    folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "sluice-data-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    folder(folder const&) = delete;
    auto operator=(folder const&) -> folder& = delete;
    ~folder() { std::filesystem::remove_all(path); }

    std::filesystem::path path;
};

auto all_of(std::filesystem::path const& file) -> std::string {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

auto words_of(std::string const& text) {
    std::vector<std::string> words(1);
    for (char const c : text) {
        if (c >= 'a' && c <= 'z') {
            words.back() += c;
        } else if (!words.back().empty()) {
            words.emplace_back();
        }
    }
    words.pop_back();
    return words;
}

/// FNV-1a.
auto fingerprint(std::string const& bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (char const c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

struct request {
    std::string user;
    std::int64_t second = 0;  // of March
    std::int64_t hour = 0;
};

auto parsed(std::string const& line) -> request {
    request result;
    std::istringstream in(line);
    std::string address, dash, month;
    char sign = 0;
    std::int64_t day = 0, year = 0, minute = 0, second = 0;
    in >> address >> dash >> result.user >> sign >> day >> sign;
    std::getline(in, month, '/');
    in >> year >> sign >> result.hour >> sign >> minute >> sign >> second;
    BOOST_REQUIRE(in.good());
    BOOST_REQUIRE(month == "Mar");
    result.second = ((day * 24 + result.hour) * 60 + minute) * 60 + second;
    return result;
}

auto requests(std::size_t lines, std::uint64_t seed) {
    std::vector<request> all;
    for (auto const& line : sample_data::web_log(lines, seed)) all.push_back(parsed(line));
    return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_data_and_another_one_others) {
    folder const one, same, other;
    auto const paths = sample_data::make_texts(one.path, 5, 10'000, 7);
    sample_data::make_texts(same.path, 5, 10'000, 7);
    sample_data::make_texts(other.path, 5, 10'000, 8);
    BOOST_TEST(paths.size() == 5u);
    for (auto const& path : paths) {
        BOOST_TEST(all_of(path) == all_of(same.path / path.filename()));
        BOOST_TEST(all_of(path) != all_of(other.path / path.filename()));
    }
    BOOST_TEST(sample_data::web_log(1000, 7) == sample_data::web_log(1000, 7), boost::test_tools::per_element());
    BOOST_TEST((sample_data::web_log(1000, 7) != sample_data::web_log(1000, 8)));
}

BOOST_AUTO_TEST_CASE(the_data_are_the_same_everywhere) {
    BOOST_TEST(sample_data::random_numbers(1).next() == 10'451'216'379'200'822'465u);  // as SplitMix64's author has it
    std::string log;
    for (auto const& line : sample_data::web_log(5000, 1)) log += line;
    BOOST_TEST(fingerprint(log) == 12'907'206'744'353'822'161u);
    folder const dir;
    std::string texts;
    for (auto const& path : sample_data::make_texts(dir.path, 3, 5000, 1)) texts += all_of(path);
    BOOST_TEST(fingerprint(texts) == 10'511'038'198'715'229'121u);
}

BOOST_AUTO_TEST_CASE(texts_have_so_many_words_and_the_commonest_is_far_commoner_than_the_tenth) {
    folder const dir;
    std::map<std::string, std::size_t> counts;
    std::size_t words = 0;
    std::set<std::size_t> sizes;
    for (auto const& path : sample_data::make_texts(dir.path, 20, 100'000, 1)) {
        auto const text = all_of(path);
        sizes.insert(text.size());
        for (auto const& word : words_of(text)) {
            ++counts[word];
            ++words;
        }
    }
    BOOST_TEST(words == 100'000u);
    BOOST_TEST(counts.size() > 5000u);
    BOOST_TEST(counts["the"] > 2 * counts["he"]);
    BOOST_TEST(counts["they"] > 100u);
    BOOST_TEST(*sizes.rbegin() > 5 * *sizes.begin());
}

BOOST_AUTO_TEST_CASE(no_files_and_no_words_are_possible) {
    folder const dir;
    BOOST_TEST(sample_data::make_texts(dir.path, 0, 100, 1).empty());
    auto const empty = sample_data::make_texts(dir.path / "new", 2, 0, 1);
    BOOST_TEST(empty.size() == 2u);
    BOOST_TEST(all_of(empty[1]).empty());
    BOOST_TEST(sample_data::web_log(0, 1).empty());
}

BOOST_AUTO_TEST_CASE(a_user_comes_for_visits_with_more_than_half_an_hour_between_them) {
    std::map<std::string, std::vector<std::int64_t>> times;
    for (auto const& each : requests(50'000, 3)) times[each.user].push_back(each.second);
    BOOST_TEST(times.size() == 50u);
    std::size_t visits = 0;
    for (auto& [user, all] : times) {
        std::sort(all.begin(), all.end());
        for (std::size_t i = 1; i < all.size(); ++i) {
            auto const gap = all[i] - all[i - 1];
            BOOST_REQUIRE((gap < 20 * 60 || gap > 30 * 60));
            if (gap > 30 * 60) ++visits;
        }
    }
    BOOST_TEST(visits > 1000u);
}

BOOST_AUTO_TEST_CASE(times_advance_but_for_two_percent_that_come_seconds_late_and_some_that_come_minutes_late) {
    for (std::uint64_t seed : {1u, 2u, 3u}) {
        std::int64_t newest = 0;
        std::size_t seconds_late = 0, minutes_late = 0;
        for (auto const& each : requests(50'000, seed)) {
            auto const behind = newest - each.second;
            BOOST_REQUIRE(behind <= 10 * 60);
            seconds_late += behind > 0 && behind <= 6;
            minutes_late += behind >= 60;
            newest = std::max(newest, each.second);
        }
        BOOST_TEST((seconds_late > 750u && seconds_late < 1250u));
        BOOST_TEST((minutes_late > 50u && minutes_late < 150u));
    }
}

BOOST_AUTO_TEST_CASE(most_come_in_the_evening_and_hardly_anybody_in_the_small_hours) {
    std::array<std::size_t, 24> by_hour{};
    for (auto const& each : requests(100'000, 1)) ++by_hour[static_cast<std::size_t>(each.hour)];
    BOOST_TEST(by_hour[20] > 5 * by_hour[3]);
}

BOOST_AUTO_TEST_SUITE_END()
