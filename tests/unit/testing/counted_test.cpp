#include <boost/test/unit_test.hpp>
#include <sluice/testing/counted.hpp>
#include <stdexcept>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace {

using namespace sluice::testing;

using event = counted<int>;
static_assert(std::is_copy_constructible_v<event> && std::is_nothrow_move_constructible_v<event>);
static_assert(std::is_copy_assignable_v<event> && std::is_nothrow_move_assignable_v<event>);
static_assert(!std::is_copy_constructible_v<move_only_counted<int>> &&
              !std::is_copy_assignable_v<move_only_counted<int>>);
static_assert(std::is_nothrow_move_constructible_v<move_only_counted<int>>);
static_assert(std::is_copy_constructible_v<throwing_counted<int>>);
static_assert(!std::is_nothrow_move_constructible_v<throwing_counted<int>>);
static_assert(!std::is_nothrow_move_assignable_v<throwing_counted<int>>);

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_counted)

BOOST_AUTO_TEST_CASE(an_event_lives_where_its_value_is) {
    census events;
    {
        event a{events, 1};
        BOOST_TEST(events.live() == 1U);
        event b{std::move(a)};
        BOOST_TEST(events.live() == 1U);
        BOOST_TEST(events.objects() == 2U);
        BOOST_TEST(a.moved_from());
        BOOST_TEST(b.value() == 1);
        event c{b};
        BOOST_TEST(events.live() == 2U);
        BOOST_TEST(c.id() == b.id());
        BOOST_CHECK(c == b);
        event d{events, 2};
        BOOST_TEST(d.id() == 2U);
        BOOST_CHECK(b < d);
        d = std::move(b);
        BOOST_TEST(events.live() == 2U);
        BOOST_TEST(d.value() == 1);
        a = c;
        BOOST_TEST(events.live() == 3U);
        BOOST_TEST(!a.moved_from());
    }
    BOOST_TEST(events.live() == 0U);
    BOOST_TEST(events.objects() == 0U);
    BOOST_TEST(events.made() == 2U);
    BOOST_TEST(events.copies() == 2U);
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_moved_from_event_holds_nothing_either) {
    census events;
    event a{events, 1};
    event const b{std::move(a)};
    event const c{a};
    BOOST_TEST(c.moved_from());
    BOOST_TEST(events.live() == 1U);
}

BOOST_AUTO_TEST_CASE(assignment_to_itself_changes_nothing) {
    census events;
    event a{events, 1};
    auto& same = a;
    a = same;
    a = std::move(same);
    BOOST_TEST(a.value() == 1);
    BOOST_TEST(events.live() == 1U);
}

BOOST_AUTO_TEST_CASE(assignment_between_censuses_takes_the_count_along) {
    census left;
    census right;
    {
        event a{left, 1};
        event b{right, 2};
        a = std::move(b);
        BOOST_TEST(left.live() == 0U);
        BOOST_TEST(left.objects() == 0U);
        BOOST_TEST(right.live() == 1U);
        BOOST_TEST(right.objects() == 2U);
    }
    BOOST_TEST(right.live() == 0U);
    BOOST_TEST(right.objects() == 0U);
}

BOOST_AUTO_TEST_CASE(to_use_the_value_of_a_moved_from_event_is_an_error) {
    census events;
    event a{events, 1};
    event const b{std::move(a)};
    BOOST_CHECK_THROW(a.value(), std::logic_error);
    BOOST_CHECK_THROW(static_cast<void>(a == b), std::logic_error);
}

BOOST_AUTO_TEST_CASE(events_are_kept_in_containers_and_hashed_by_value) {
    census events;
    {
        std::vector<move_only_counted<int>> some;
        for (int i = 0; i < 100; ++i) some.emplace_back(events, i);
        BOOST_TEST(events.live() == 100U);
        BOOST_TEST(events.objects() == 100U);
        some.erase(some.begin(), some.begin() + 40);
        BOOST_TEST(events.live() == 60U);
        std::unordered_set<event> set;
        set.emplace(events, 1);
        set.emplace(events, 1);
        BOOST_TEST(set.size() == 1U);
    }
    BOOST_TEST(events.objects() == 0U);
}

BOOST_AUTO_TEST_CASE(the_kth_move_or_copy_throws_and_the_books_stay_right) {
    census events;
    {
        std::vector<throwing_counted<int>> some;
        some.reserve(10);
        for (int i = 0; i < 10; ++i) some.emplace_back(events, i);
        events.throw_on_move(3);
        BOOST_CHECK_THROW(some.erase(some.begin()), event_failure);
        BOOST_TEST(events.objects() == 10U);
        events.throw_on_copy(2);
        std::vector<throwing_counted<int>> copy;
        copy.reserve(3);
        copy.push_back(some.front());
        BOOST_CHECK_THROW(copy.push_back(some.front()), event_failure);
        BOOST_TEST(events.objects() == 11U);
        copy.push_back(some.front());  // the third does not
        BOOST_TEST(copy.size() == 2U);
        events.throw_on_move(1);
        BOOST_CHECK_THROW(copy.front() = std::move(copy.back()), event_failure);
        BOOST_TEST(!copy.back().moved_from());
    }
    BOOST_TEST(events.live() == 0U);
    BOOST_TEST(events.objects() == 0U);
}

BOOST_AUTO_TEST_CASE(a_mark_counts_as_long_as_it_lives) {
    census events;
    {
        counted_mark const mark{events};
        BOOST_TEST(events.live() == 1U);
    }
    BOOST_TEST(events.live() == 0U);
}

BOOST_AUTO_TEST_CASE(a_vector_that_cannot_grow_leaves_no_object_behind) {
    census events;
    events.throw_on_copy(1);
    auto const fill = [&] {
        std::vector<throwing_counted<int>> all;
        for (int i = 0; i < 9; ++i) all.push_back(throwing_counted<int>{events, i});
    };
    BOOST_CHECK_THROW(fill(), event_failure);
    BOOST_TEST(events.live() == 0U);
    BOOST_TEST(events.objects() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
