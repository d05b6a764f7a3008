#include <algorithm>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <map>
#include <random>
#include <sluice/core/indexed_heap.hpp>
#include <string>
#include <utility>
#include <vector>

using sluice::subscriber_id;

namespace {

std::size_t comparisons = 0;

struct counting {
    auto operator()(int a, int b) const -> bool {
        ++comparisons;
        return a < b;
    }
};

using heap = sluice::core::indexed_heap<int>;

/// "key:id" in order, by taking one after the other.
auto drained(heap left) -> std::string {
    auto text = std::string{};
    for (; !left.empty(); left.erase(left.top().id)) {
        if (!text.empty()) text += ' ';
        text += std::to_string(left.top().key);
        text += ':';
        text += std::to_string(left.top().id);
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(an_indexed_heap)

BOOST_AUTO_TEST_CASE(has_the_smallest_key_on_top_through_a_table_of_changes) {
    enum class what { insert, update, erase };
    struct step {
        what call;
        subscriber_id id;
        int key;
        std::string expected;
    };
    const auto table = std::vector<step>{
        {what::insert, 3, 5, "5:3"},
        {what::insert, 0, 7, "5:3 7:0"},
        {what::insert, 9, 1, "1:9 5:3 7:0"},
        {what::update, 9, 6, "5:3 6:9 7:0"},
        {what::update, 0, 2, "2:0 5:3 6:9"},
        {what::update, 3, 5, "2:0 5:3 6:9"},
        {what::insert, 4, 3, "2:0 3:4 5:3 6:9"},
        {what::erase, 0, 0, "3:4 5:3 6:9"},
        {what::erase, 9, 0, "3:4 5:3"},
        {what::insert, 9, -1, "-1:9 3:4 5:3"},
        {what::erase, 9, 0, "3:4 5:3"},
        {what::erase, 4, 0, "5:3"},
        {what::erase, 3, 0, ""},
    };
    auto tested = heap{};
    for (auto const& [call, id, key, expected] : table) {
        if (call == what::insert) tested.insert(id, key);
        if (call == what::update) tested.update(id, key);
        if (call == what::erase) tested.erase(id);
        BOOST_TEST(drained(tested) == expected);
        BOOST_TEST(tested.contains(id) == (call != what::erase));
        if (tested.contains(id)) BOOST_TEST(tested.key(id) == key);
    }
}

BOOST_AUTO_TEST_CASE(knows_who_is_inside_however_large_the_number) {
    auto tested = heap{};
    BOOST_TEST(!tested.contains(0));
    BOOST_TEST(!tested.contains(4'000'000'000u));
    tested.insert(2, 1);
    BOOST_TEST(!tested.contains(1));
    BOOST_TEST(!tested.contains(3));
}

BOOST_AUTO_TEST_CASE(agrees_with_a_sorted_map_over_random_changes) {
    auto random = std::mt19937{7};
    for (int round = 0; round < 50; ++round) {
        auto tested = sluice::core::indexed_heap<std::pair<int, subscriber_id>>{};
        auto model = std::map<subscriber_id, int>{};
        for (int step = 0; step < 200; ++step) {
            const auto id = static_cast<subscriber_id>(random() % 24);
            const auto key = static_cast<int>(random() % 10);
            if (!tested.contains(id)) {
                tested.insert(id, {key, id});
                model[id] = key;
            } else if (random() % 3 == 0) {
                tested.erase(id);
                model.erase(id);
            } else {
                tested.update(id, {key, id});
                model[id] = key;
            }
            BOOST_REQUIRE(tested.size() == model.size());
            if (model.empty()) continue;
            const auto least = std::ranges::min_element(model, {}, [](auto const& each) {
                return std::pair{each.second, each.first};
            });
            BOOST_REQUIRE(tested.top().id == least->first);
        }
    }
}

BOOST_AUTO_TEST_CASE(compares_a_logarithmic_number_of_keys_a_change) {
    for (const subscriber_id many : {1'000u, 32'000u}) {
        const auto bound = static_cast<std::size_t>(2 * std::bit_width(many) + 2);
        auto tested = sluice::core::indexed_heap<int, counting>{};
        auto random = std::mt19937{1};
        const auto most = [&](auto&& change) {
            comparisons = 0;
            change();
            return comparisons;
        };
        for (subscriber_id id = 0; id < many; ++id)
            BOOST_REQUIRE(most([&] { tested.insert(id, static_cast<int>(random() % many)); }) <= bound);
        for (subscriber_id id = 0; id < many; ++id)
            BOOST_REQUIRE(most([&] { tested.update(id, static_cast<int>(random() % many)); }) <= bound);
        for (subscriber_id id = 0; id < many; ++id) BOOST_REQUIRE(most([&] { tested.erase(id); }) <= bound);
    }
}

BOOST_AUTO_TEST_SUITE_END()
