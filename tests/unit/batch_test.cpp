#include <boost/test/unit_test.hpp>
#include <iterator>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/emission.hpp>
#include <sluice/testing/counted.hpp>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using sluice::batch;
using sluice::detail::batch_access;
using sluice::detail::block;
using sluice::detail::recycler;

static_assert(std::is_nothrow_move_constructible_v<batch<int>>);
static_assert(std::is_nothrow_move_assignable_v<batch<int>>);
static_assert(!std::is_copy_constructible_v<batch<int>>);
static_assert(!std::is_aggregate_v<batch<int>>);  // or GCC 12 would destroy it twice in an awaited expression
static_assert(std::is_same_v<batch<bool>::value_type, bool>);

auto to_vector(batch<int> const& events) -> std::vector<int> { return {events.begin(), events.end()}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(batches)

BOOST_AUTO_TEST_CASE(an_empty_batch_owns_nothing_and_can_be_used) {
    batch<int> none;
    BOOST_TEST(none.empty());
    BOOST_TEST(none.size() == 0u);
    BOOST_TEST(none.capacity() == 0u);
    BOOST_TEST((none.begin() == none.end()));
    none.clear();
    for (int event : none) BOOST_ERROR(event);
    none.push_back(1);
    BOOST_TEST(to_vector(none) == std::vector{1});
}

BOOST_AUTO_TEST_CASE(a_batch_is_a_sequence) {
    batch<int> events;
    events.reserve(10);
    BOOST_TEST(events.capacity() >= 10u);
    events.push_back(1);
    int const two = 2;
    events.push_back(two);
    BOOST_TEST(events.emplace_back(3) == 3);
    BOOST_TEST(events.front() == 1);
    BOOST_TEST(events.back() == 3);
    BOOST_TEST(events[1] == 2);
    events[1] = 20;
    auto const& constant = events;
    BOOST_TEST(constant[1] == 20);
    BOOST_TEST(constant.front() == 1);
    BOOST_TEST(constant.back() == 3);
    BOOST_TEST(constant.data() == events.data());
    events.pop_back();
    BOOST_TEST(to_vector(events) == (std::vector{1, 20}));
    events.resize(4);
    BOOST_TEST(to_vector(events) == (std::vector{1, 20, 0, 0}));
    events.clear();
    BOOST_TEST(events.empty());
    BOOST_TEST(events.capacity() >= 10u);
}

BOOST_AUTO_TEST_CASE(a_vector_becomes_a_batch_and_back_without_a_move_of_an_event) {
    sluice::testing::census events;
    std::vector<sluice::testing::counted<int>> source;
    source.reserve(3);
    for (int i = 0; i < 3; ++i) source.emplace_back(events, i);
    auto const* const first = source.data();
    batch<sluice::testing::counted<int>> some(std::move(source));
    BOOST_TEST(some.data() == first);
    auto const back = std::move(some).to_vector();
    BOOST_TEST(back.data() == first);
    BOOST_TEST(some.empty());
    BOOST_TEST(events.moves() == 0u);
    BOOST_TEST(events.copies() == 0u);
}

BOOST_AUTO_TEST_CASE(a_range_becomes_a_batch) {
    std::vector<int> const source{1, 2, 3};
    batch<int> const copied(source.begin(), source.end());
    BOOST_TEST(to_vector(copied) == source);
    std::istringstream text("4 5 6");
    batch<int> const read(std::istream_iterator<int>(text), std::istream_iterator<int>{});
    BOOST_TEST(to_vector(read) == (std::vector{4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(a_batch_moves_and_swaps) {
    batch<int> one(std::vector{1, 2}), two(std::vector{3});
    swap(one, two);
    BOOST_TEST(to_vector(one) == std::vector{3});
    batch<int> three(std::move(two));
    BOOST_TEST(two.empty());
    one = std::move(three);
    BOOST_TEST(to_vector(one) == (std::vector{1, 2}));
}

BOOST_AUTO_TEST_CASE(events_may_be_move_only) {
    batch<std::unique_ptr<int>> events;
    events.push_back(std::make_unique<int>(1));
    events.emplace_back(new int(2));
    auto const back = std::move(events).to_vector();
    BOOST_TEST(*back[0] + *back[1] == 3);
}

BOOST_AUTO_TEST_CASE(bool_is_an_event_like_any_other) {
    batch<bool> events(std::vector<bool>{true, false, true});
    BOOST_TEST(events.size() == 3u);
    bool& second = events[1];
    second = true;
    events.push_back(false);
    BOOST_TEST((std::move(events).to_vector() == std::vector<bool>{true, true, true, false}));
    BOOST_TEST(events.empty());
    events.push_back(true);
    BOOST_TEST(events.back());
}

BOOST_AUTO_TEST_CASE(what_was_handed_on_from_the_front_is_not_seen_any_more) {
    batch<int> events(std::vector{1, 2, 3, 4});
    batch_access<int>::peek(events)->offset = 2;
    BOOST_TEST(to_vector(events) == (std::vector{3, 4}));
    events.push_back(5);
    BOOST_TEST(events.size() == 3u);
    events.resize(1);
    BOOST_TEST(to_vector(events) == std::vector{3});
    BOOST_TEST((std::move(events).to_vector() == std::vector{3}));
    BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_CASE(a_buffer_goes_back_to_where_it_came_from) {
    boost::intrusive_ptr<recycler<int>> const home(new recycler<int>);
    int const* buffer = nullptr;
    {
        auto events = batch_access<int>::adopt(home->take());
        events.reserve(100);
        events.push_back(1);
        buffer = events.data();
    }
    auto again = batch_access<int>::adopt(home->take());
    BOOST_TEST(again.empty());
    BOOST_TEST(again.capacity() >= 100u);
    again.push_back(2);
    BOOST_TEST(again.data() == buffer);
    home->close();
}

BOOST_AUTO_TEST_CASE(buffers_may_come_home_after_their_producer_has_gone) {
    boost::intrusive_ptr<recycler<std::string>> home(new recycler<std::string>);
    auto one = batch_access<std::string>::adopt(home->take());
    auto two = batch_access<std::string>::adopt(home->take());
    one.push_back("a text that is longer than what fits into a string itself");
    home->close();
    home.reset();
    BOOST_TEST(one.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_events_of_a_batch_die_with_it_although_its_buffer_lives_on) {
    sluice::testing::census events;
    boost::intrusive_ptr<recycler<sluice::testing::counted<int>>> const home(
        new recycler<sluice::testing::counted<int>>);
    {
        auto some = batch_access<sluice::testing::counted<int>>::adopt(home->take());
        some.emplace_back(events, 1);
        BOOST_TEST(events.live() == 1u);
    }
    BOOST_TEST(events.objects() == 0u);
    home->close();
}

BOOST_AUTO_TEST_CASE(a_buffer_of_more_than_a_mebibyte_is_not_kept) {
    boost::intrusive_ptr<recycler<int>> const home(new recycler<int>);
    {
        auto large = batch_access<int>::adopt(home->take());
        large.reserve((std::size_t{1} << 20) / sizeof(int) + 1);
    }
    auto next = batch_access<int>::adopt(home->take());
    BOOST_TEST(next.capacity() == 0u);
    home->close();
}

BOOST_AUTO_TEST_CASE(an_emission_is_made_of_whatever_holds_events) {
    sluice::emission<int> none, list{1, 2}, vector = std::vector{3}, events = batch<int>(std::vector{4, 5});
    BOOST_TEST(none.events().empty());
    BOOST_TEST(to_vector(list.events()) == (std::vector{1, 2}));
    BOOST_TEST(to_vector(vector.events()) == std::vector{3});
    BOOST_TEST(to_vector(events.events()) == (std::vector{4, 5}));
    BOOST_TEST(!events.is_last());
    auto last = sluice::emission<int>::last({6});
    BOOST_TEST(last.is_last());
    BOOST_TEST(to_vector(last.events()) == std::vector{6});
    BOOST_TEST(sluice::emission<int>::last().is_last());
}

BOOST_AUTO_TEST_SUITE_END()
