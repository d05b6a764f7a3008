#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <random>
#include <sluice/core/bool_buffer.hpp>
#include <vector>

BOOST_AUTO_TEST_SUITE(a_bool_buffer)

using sluice::core::bool_buffer;

BOOST_AUTO_TEST_CASE(has_elements_that_can_be_pointed_to) {
    bool_buffer events;
    events.push_back(false);
    bool* const first = events.data();
    *first = true;
    BOOST_TEST(events.back());
    events.emplace_back() = true;
    BOOST_TEST(events.data()[1]);
    BOOST_TEST(events.end() - events.begin() == 2);
}

BOOST_AUTO_TEST_CASE(keeps_its_memory_when_it_is_cleared) {
    bool_buffer events;
    events.reserve(100);
    auto* const memory = events.data();
    events.resize(100);
    events.clear();
    BOOST_TEST(events.empty());
    BOOST_TEST(events.capacity() == 100u);
    events.push_back(true);
    BOOST_TEST(events.data() == memory);
}

BOOST_AUTO_TEST_CASE(has_the_same_in_it_as_a_vector_over_random_calls) {
    std::minstd_rand random(1);
    bool_buffer events;
    std::vector<bool> model;
    for (int i = 0; i < 5000; ++i) {
        auto const n = random() % 20;
        bool const event = random() % 2 == 0;
        switch (random() % 6) {
            case 0: events.resize(n), model.resize(n); break;
            case 1: events.reserve(n); break;
            case 2:
                if (!model.empty()) events.pop_back(), model.pop_back();
                break;
            case 3: {
                bool const more[] = {event, !event, event};
                events.insert(events.end(), std::begin(more), std::end(more));
                model.insert(model.end(), std::begin(more), std::end(more));
                break;
            }
            case 4:
                if (n == 0) events.clear(), model.clear();
                break;
            default: events.push_back(event), model.push_back(event);
        }
        BOOST_REQUIRE(std::equal(events.begin(), events.end(), model.begin(), model.end()));
        BOOST_REQUIRE(events.capacity() >= events.size());
    }
}

BOOST_AUTO_TEST_SUITE_END()
