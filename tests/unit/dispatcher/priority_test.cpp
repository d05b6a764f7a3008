// Priorities in a demand_dispatcher.
#include <boost/test/unit_test.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <span>
#include <string>

using sluice::subscriber_id;

namespace {

using letters = sluice::demand_dispatcher<char>;

/// A dispatcher of letters.
struct fixture {
    explicit fixture(sluice::demand_dispatcher_options options = {}) : dispatcher(options) {}

    /// Answers what was left over.
    auto dispatch(std::string events) -> std::string {
        sent.clear();
        const auto left = dispatcher.dispatch(std::span{events}, [&](subscriber_id to, std::span<char> part) {
            BOOST_TEST(!part.empty());
            if (!sent.empty()) sent += ' ';
            sent += std::to_string(to) + ':';
            sent.append(part.begin(), part.end());
        });
        return {left.begin(), left.end()};
    }

    /// "demand:id" in serving order.
    auto order() const -> std::string {
        auto text = std::string{};
        for (auto const& [demand, id] : dispatcher.order()) {
            if (!text.empty()) text += ' ';
            text += std::to_string(demand) + ':' + std::to_string(id);
        }
        return text;
    }

    letters dispatcher;
    std::string sent;  // "id:events" as the last dispatch delivered them
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(priorities, fixture)

BOOST_AUTO_TEST_CASE(serves_a_higher_priority_first_as_long_as_it_has_demand) {
    dispatcher.subscribe(1);
    dispatcher.subscribe(2, {.priority = 7});
    dispatcher.subscribe(3, {.priority = -1});
    dispatcher.ask(1, 5);
    dispatcher.ask(2, 2);
    dispatcher.ask(3, 9);
    BOOST_TEST(order() == "2:2 5:1 9:3");
    BOOST_TEST(dispatch("abcdefgh") == "");
    BOOST_TEST(sent == "2:ab 1:cdefg 3:h");
    dispatcher.ask(2, 1);
    BOOST_TEST(dispatch("xy") == "");
    BOOST_TEST(sent == "2:x 3:y");
}

BOOST_AUTO_TEST_CASE(a_high_priority_without_demand_stands_in_nobodys_way) {
    dispatcher.subscribe(1);
    dispatcher.ask(1, 3);
    dispatcher.subscribe(2, {.priority = 7});
    BOOST_TEST(dispatch("abcd") == "d");
    BOOST_TEST(sent == "1:abc");
}

BOOST_AUTO_TEST_SUITE_END()
