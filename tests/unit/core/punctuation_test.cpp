#include <boost/test/unit_test.hpp>
#include <memory>
#include <sluice/core/punctuation.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace sluice::core;
using numbers = std::vector<int>;
using answer = punctuation<int>;

namespace {

/// What happens, in order: the events that count, and `|name|` where the window fires.
template <class Ask>
auto trace(numbers events, Ask ask) -> std::string {
    auto seen = std::string{};
    punctuate(
        std::span(events), ask, [&](int event) { seen += std::to_string(event); },
        [&](trigger_name const& name) { seen += '|' + to_string(name) + '|'; });
    return seen;
}

const auto here = trigger_name::named("x");

}  // namespace

BOOST_AUTO_TEST_SUITE(a_punctuation)

BOOST_AUTO_TEST_CASE(lets_all_events_count) {
    BOOST_TEST(trace({1, 2, 3}, [](std::span<int>) { return answer::all(); }) == "123");
    BOOST_TEST(trace({}, [](std::span<int>) { return answer::all(); }) == "");
}

BOOST_AUTO_TEST_CASE(puts_others_in_their_place) {
    BOOST_TEST(trace({1, 2, 3}, [](std::span<int>) { return answer::instead({7}); }) == "7");
    BOOST_TEST(trace({1, 2, 3}, [](std::span<int>) { return answer::instead({}); }) == "");
}

BOOST_AUTO_TEST_CASE(fires_among_the_events_and_is_asked_about_the_rest) {
    const auto in_twos = [](std::span<int> events) {
        return events.size() < 2 ? answer::all() : answer::fire_after(2, here);
    };
    BOOST_TEST(trace({1, 2, 3, 4, 5}, in_twos) == "12|x|34|x|5");
    BOOST_TEST(trace({1, 2, 3, 4}, in_twos) == "12|x|34|x|");
}

BOOST_AUTO_TEST_CASE(leaves_out_what_it_skips) {
    const auto at_zeros = [](std::span<int> events) {
        for (std::size_t i = 0; i < events.size(); ++i)
            if (events[i] == 0) return answer::fire_after(i, here, 1);
        return answer::all();
    };
    BOOST_TEST(trace({1, 2, 0, 3, 0, 0, 4}, at_zeros) == "12|x|3|x||x|4");
}

BOOST_AUTO_TEST_CASE(of_more_than_there_is_takes_what_there_is) {
    BOOST_TEST(trace({1, 2}, [](std::span<int>) { return answer::fire_after(9, here, 9); }) == "12|x|");
}

BOOST_AUTO_TEST_CASE(fires_with_other_events_before_and_after) {
    auto calls = 0;
    const auto ask = [&calls](std::span<int> events) {
        if (++calls == 1) return answer::fire(here, {8, 9}, {5, 6});
        BOOST_TEST(events.back() == 6);
        BOOST_TEST(events.size() == (calls == 2 ? 2u : 1u));
        return calls == 2 ? answer::fire(here, {}, {6}) : answer::all();
    };
    BOOST_TEST(trace({1, 2, 3}, ask) == "89|x||x|6");
}

BOOST_AUTO_TEST_CASE(moves_no_event_that_it_lets_count) {
    auto events = std::vector<std::unique_ptr<int>>{};
    events.push_back(std::make_unique<int>(4));
    auto* const seen = events[0].get();
    punctuate(
        std::span(events), [](auto) { return punctuation<std::unique_ptr<int>>::all(); },
        [&](std::unique_ptr<int>& event) { BOOST_TEST(event.get() == seen); }, [](auto const&) {});
    BOOST_TEST(events[0].get() == seen);
}

BOOST_AUTO_TEST_CASE(may_be_decided_event_by_event) {
    auto events = numbers{1, 2, 3, 4, 5, 6};
    auto seen = std::string{};
    const auto ask = [](int event) {
        switch (event) {
            case 2: return punctuate_at::before;
            case 3: return punctuate_at::after;
            case 4: return punctuate_at::instead;
            case 5: return punctuate_at::skip;
            default: return punctuate_at::nothing;
        }
    };
    punctuate_each(
        std::span(events), ask, [&](int event) { seen += std::to_string(event); }, [&] { seen += '|'; });
    BOOST_TEST(seen == "1|23||6");
}

BOOST_AUTO_TEST_SUITE_END()
