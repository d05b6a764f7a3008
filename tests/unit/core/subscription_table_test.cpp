#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <iterator>
#include <random>
#include <sluice/core/cancel_table.hpp>
#include <sluice/core/subscription_table.hpp>
#include <vector>

namespace core = sluice::core;
using core::subscription_id;
using core::subscription_table;
using core::verdict;
using sluice::end_kind;
using enum sluice::cancel_mode;

namespace {

struct cell_row {
    end_kind kind;
    bool permanent, transient, temporary;  // does the consumer end?
};

/// GenStage's table, cell by cell.
constexpr cell_row cells[] = {
    {end_kind::normal, true, false, false},
    {end_kind::shutdown, true, false, false},
    {end_kind::failed, true, true, false},
    {end_kind::cancelled, true, true, false},
    {end_kind::already_subscribed, false, false, false},
    {end_kind::unknown_producer, true, true, false},
};

constexpr auto table_holds() -> bool {
    for (auto const& row : cells) {
        if (core::consumer_ends(permanent, row.kind) != row.permanent) return false;
        if (core::consumer_ends(transient, row.kind) != row.transient) return false;
        if (core::consumer_ends(temporary, row.kind) != row.temporary) return false;
    }
    return true;
}
static_assert(table_holds());

}  // namespace

BOOST_AUTO_TEST_SUITE(the_cancel_table)

BOOST_AUTO_TEST_CASE(decides_cell_by_cell_whether_a_consumer_ends_with_its_subscription) {
    for (auto const& row : cells) {
        BOOST_TEST_CONTEXT("end kind " << static_cast<int>(row.kind)) {
            BOOST_TEST(core::consumer_ends(permanent, row.kind) == row.permanent);
            BOOST_TEST(core::consumer_ends(transient, row.kind) == row.transient);
            BOOST_TEST(core::consumer_ends(temporary, row.kind) == row.temporary);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_subscription_table)

BOOST_AUTO_TEST_CASE(ends_the_consumer_as_the_cancel_table_says) {
    const sluice::cancel_mode modes[] = {permanent, transient, temporary};
    for (auto const& row : cells) {
        const bool ends[] = {row.permanent, row.transient, row.temporary};
        for (std::size_t mode = 0; mode < std::size(modes); ++mode) {
            auto table = subscription_table{};
            const auto id = table.add(modes[mode]);
            table.add(transient);
            BOOST_TEST((table.end(id, row.kind) == (ends[mode] ? verdict::consumer_ends : verdict::stays)));
            BOOST_TEST(table.consumer_ending() == ends[mode]);
        }
    }
}

BOOST_AUTO_TEST_CASE(says_when_all_have_ended_without_ending_the_consumer) {
    auto table = subscription_table{};
    const auto first = table.add(transient);
    const auto second = table.add(transient);
    const auto third = table.add(temporary);
    BOOST_TEST(table.live() == 3u);
    BOOST_TEST((table.end(first, end_kind::normal) == verdict::stays));
    BOOST_TEST((table.end(third, end_kind::failed) == verdict::stays));
    BOOST_TEST((table.end(second, end_kind::shutdown) == verdict::all_ended));
    BOOST_TEST(table.live() == 0u);
    BOOST_TEST(table.ever() == 3u);
}

BOOST_AUTO_TEST_CASE(may_be_filled_again_after_all_have_ended) {
    auto table = subscription_table{};
    BOOST_TEST((table.end(table.add(transient), end_kind::normal) == verdict::all_ended));
    const auto later = table.add(transient);
    BOOST_TEST(table.live() == 1u);
    BOOST_TEST((table.end(later, end_kind::normal) == verdict::all_ended));
    BOOST_TEST(table.ever() == 2u);
}

BOOST_AUTO_TEST_CASE(lets_each_subscription_end_exactly_once) {
    auto table = subscription_table{};
    const auto id = table.add(permanent);
    table.add(permanent);
    BOOST_TEST((table.end(id, end_kind::already_subscribed) == verdict::stays));
    BOOST_TEST((table.end(id, end_kind::failed) == verdict::ignored));
    BOOST_TEST(!table.contains(id));
    BOOST_TEST(table.live() == 1u);
}

BOOST_AUTO_TEST_CASE(ignores_ids_that_it_never_gave) {
    auto table = subscription_table{};
    BOOST_TEST(!table.contains({}));
    BOOST_TEST((table.end({}, end_kind::failed) == verdict::ignored));
    const auto id = table.add(permanent);
    for (const auto forged : {subscription_id{}, subscription_id{id.slot, id.generation + 1},
                              subscription_id{id.slot + 1, id.generation}, subscription_id{~0u, ~0u}}) {
        BOOST_TEST(!table.contains(forged));
        BOOST_TEST((table.end(forged, end_kind::failed) == verdict::ignored));
    }
    BOOST_TEST(table.live() == 1u);
}

BOOST_AUTO_TEST_CASE(tells_a_late_end_from_the_end_of_the_successor_in_the_slot) {
    auto table = subscription_table{};
    const auto old = table.add(permanent);
    table.end(old, end_kind::already_subscribed);
    const auto successor = table.add(permanent);
    BOOST_TEST(successor.slot == old.slot);
    BOOST_TEST(!(successor == old));
    BOOST_TEST((table.end(old, end_kind::failed) == verdict::ignored));
    BOOST_TEST(table.contains(successor));
}

BOOST_AUTO_TEST_CASE(ends_the_consumer_once_and_with_the_first_reason) {
    auto table = subscription_table{};
    const auto first = table.add(permanent);
    const auto second = table.add(permanent);
    const auto third = table.add(temporary);
    BOOST_TEST((table.end(first, end_kind::failed) == verdict::consumer_ends));
    BOOST_TEST((table.end(second, end_kind::normal) == verdict::ignored));
    BOOST_TEST((table.end(third, end_kind::normal) == verdict::ignored));
    BOOST_TEST(table.live() == 0u);
}

BOOST_AUTO_TEST_CASE(does_not_grow_by_a_million_subscriptions_one_after_the_other) {
    auto table = subscription_table{};
    for (int i = 0; i < 1'000'000; ++i) {
        const auto id = table.add(temporary);
        BOOST_REQUIRE(id.slot == 0u);
        table.end(id, end_kind::failed);
    }
    BOOST_TEST(table.ever() == 1'000'000u);
}

BOOST_AUTO_TEST_CASE(agrees_with_a_plain_list_over_random_calls) {
    struct listed {
        subscription_id id;
        sluice::cancel_mode mode;
    };
    constexpr sluice::cancel_mode modes[] = {permanent, transient, temporary};
    for (unsigned seed = 0; seed < 300; ++seed) {
        auto random = std::mt19937{seed};
        auto table = subscription_table{};
        auto alive = std::vector<listed>{};
        auto dead = std::vector<subscription_id>{};
        auto ending = false;
        for (int step = 0; step < 60; ++step) {
            if (alive.empty() || random() % 2 == 0) {
                const auto mode = modes[random() % 3];
                alive.push_back({table.add(mode), mode});
            } else {
                const auto chosen = random() % alive.size();
                const auto [id, mode] = alive[chosen];
                const auto kind = static_cast<end_kind>(random() % 6);
                alive.erase(alive.begin() + static_cast<std::ptrdiff_t>(chosen));
                dead.push_back(id);
                auto expected = alive.empty() ? verdict::all_ended : verdict::stays;
                if (core::consumer_ends(mode, kind)) expected = verdict::consumer_ends;
                if (ending) expected = verdict::ignored;
                ending = ending || expected == verdict::consumer_ends;
                BOOST_REQUIRE((table.end(id, kind) == expected));
            }
            BOOST_REQUIRE(table.live() == alive.size());
            for (auto const& each : alive) BOOST_REQUIRE(table.contains(each.id));
            for (auto const& each : dead) BOOST_REQUIRE(!table.contains(each));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
