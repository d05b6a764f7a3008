#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <random>
#include <sluice/core/watermarks.hpp>
#include <vector>

using namespace sluice::core;
using namespace std::chrono_literals;

namespace {

auto at(std::chrono::milliseconds ms) { return processing_clock::time_point(ms); }

/// Each upstream as it is, and all of them looked at whenever one asks.
struct model {
    struct upstream {
        ticks said;
        processing_clock::time_point spoke;
        bool live;
        bool idle;
    };
    std::vector<upstream> all;
    ticks greatest = before_all;
    ticks combined = before_all;

    void combine() {
        auto least = std::optional<ticks>{};
        for (auto const& each : all)
            if (each.live && !each.idle) least = std::min(least.value_or(end_of_time), each.said);
        combined = std::max(combined, least.value_or(greatest));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_watermarks)

BOOST_AUTO_TEST_CASE(of_several_upstreams_are_the_least) {
    auto tested = watermarks();
    const auto a = tested.add(at(0ms));
    const auto b = tested.add(at(0ms));
    tested.advance(a, 10, at(0ms));
    BOOST_TEST(tested.combined() == before_all);
    tested.advance(b, 5, at(0ms));
    BOOST_TEST(tested.combined() == 5);
    tested.advance(b, 20, at(0ms));
    BOOST_TEST(tested.combined() == 10);
    BOOST_TEST(tested.of(b) == 20);
}

BOOST_AUTO_TEST_CASE(do_not_go_back_by_what_an_upstream_says) {
    auto tested = watermarks();
    const auto a = tested.add(at(0ms));
    tested.advance(a, 10, at(0ms));
    tested.advance(a, 3, at(0ms));
    BOOST_TEST(tested.combined() == 10);
}

BOOST_AUTO_TEST_CASE(do_not_wait_for_one_that_has_finished) {
    auto tested = watermarks();
    const auto a = tested.add(at(0ms));
    const auto b = tested.add(at(0ms));
    tested.advance(a, 10, at(0ms));
    tested.finish(b);
    BOOST_TEST(tested.combined() == 10);
    BOOST_TEST(tested.live() == 1u);
    tested.finish(a);
    BOOST_TEST(tested.combined() == 10);
    BOOST_TEST(tested.live() == 0u);
}

BOOST_AUTO_TEST_CASE(do_not_wait_for_one_that_is_idle_and_do_so_again_when_it_speaks) {
    auto tested = watermarks({.idle_timeout = 100ms});
    const auto a = tested.add(at(0ms));
    const auto b = tested.add(at(0ms));
    tested.advance(a, 10, at(50ms));
    BOOST_TEST(!tested.expire(at(99ms)));
    BOOST_CHECK(tested.next_expiry() == at(100ms));
    BOOST_TEST(tested.expire(at(100ms)));
    BOOST_TEST(tested.combined() == 10);
    BOOST_TEST(tested.is_idle(b));
    tested.advance(b, 4, at(120ms));
    BOOST_TEST(!tested.is_idle(b));
    tested.advance(a, 30, at(130ms));
    BOOST_TEST(tested.combined() == 10);  // b holds it, but not back
    tested.advance(b, 12, at(140ms));
    BOOST_TEST(tested.combined() == 12);
}

BOOST_AUTO_TEST_CASE(are_the_greatest_there_was_when_all_are_idle) {
    auto tested = watermarks({.idle_timeout = 100ms});
    const auto a = tested.add(at(0ms));
    const auto b = tested.add(at(0ms));
    tested.advance(a, 50, at(10ms));
    tested.advance(b, 20, at(60ms));
    BOOST_TEST(!tested.expire(at(110ms)));
    BOOST_TEST(tested.combined() == 20);
    BOOST_TEST(tested.expire(at(160ms)));
    BOOST_TEST(tested.combined() == 50);
    BOOST_CHECK(!tested.next_expiry());
    BOOST_TEST(tested.all_idle());
    tested.advance(b, 21, at(170ms));
    BOOST_TEST(!tested.all_idle());
}

BOOST_AUTO_TEST_CASE(wait_for_one_that_is_not_silent_but_says_nothing) {
    auto tested = watermarks({.idle_timeout = 100ms});
    const auto a = tested.add(at(0ms));
    const auto b = tested.add(at(0ms));
    tested.advance(a, 10, at(90ms));
    tested.touch(b, at(90ms));
    BOOST_TEST(!tested.expire(at(100ms)));
    BOOST_TEST(tested.combined() == before_all);
    BOOST_TEST(tested.of(b) == before_all);
}

BOOST_AUTO_TEST_CASE(stand_still_for_a_new_upstream_until_it_speaks) {
    auto tested = watermarks();
    const auto a = tested.add(at(0ms));
    tested.advance(a, 10, at(0ms));
    const auto b = tested.add(at(0ms));
    tested.advance(a, 20, at(0ms));
    BOOST_TEST(tested.combined() == 10);
    tested.advance(b, 15, at(0ms));
    BOOST_TEST(tested.combined() == 15);
}

BOOST_AUTO_TEST_CASE(give_the_place_of_one_that_has_finished_to_the_next) {
    auto tested = watermarks();
    for (ticks i = 0; i < 1000; ++i) {
        const auto id = tested.add(at(0ms));
        BOOST_REQUIRE(id == 0u);
        BOOST_REQUIRE(tested.of(id) == before_all);
        tested.advance(id, i, at(0ms));
        BOOST_REQUIRE(tested.combined() == i);
        tested.finish(id);
    }
}

BOOST_AUTO_TEST_CASE(may_be_the_end_of_time) {
    auto tested = watermarks();
    const auto a = tested.add(at(0ms));
    tested.advance(a, end_of_time, at(0ms));
    BOOST_TEST(tested.combined() == end_of_time);
}

BOOST_AUTO_TEST_CASE(agree_with_a_model_over_random_calls) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        auto random = std::mt19937{seed};
        const auto timeout = std::chrono::milliseconds(1 + random() % 50);
        auto tested = watermarks({.idle_timeout = timeout});
        auto expected = model{};
        auto now = at(0ms);
        for (int step = 0; step < 300; ++step) {
            now += std::chrono::milliseconds(random() % 8);
            const auto choice = random() % 20;
            if (expected.all.empty() || choice == 0) {
                const auto id = tested.add(now);
                if (id == expected.all.size()) expected.all.emplace_back();
                BOOST_REQUIRE(!expected.all[id].live);
                expected.all[id] = {before_all, now, true, false};
            } else if (choice < 14) {
                const auto id = random() % expected.all.size();
                auto& one = expected.all[id];
                if (!one.live) continue;
                const auto time = static_cast<ticks>(random() % 20) + step;
                tested.advance(static_cast<sluice::subscriber_id>(id), time, now);
                one = {std::max(one.said, time), now, true, false};
                expected.greatest = std::max(expected.greatest, one.said);
                expected.combine();
            } else if (choice < 18) {
                for (auto& each : expected.all) each.idle = each.idle || now - each.spoke >= timeout;
                const auto before = expected.combined;
                expected.combine();
                BOOST_REQUIRE(tested.expire(now) == (expected.combined != before));
            } else if (choice == 18) {
                const auto id = random() % expected.all.size();
                if (!expected.all[id].live) continue;
                tested.finish(static_cast<sluice::subscriber_id>(id));
                expected.all[id].live = false;
                expected.combine();
            }
            BOOST_REQUIRE(tested.combined() == expected.combined);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
