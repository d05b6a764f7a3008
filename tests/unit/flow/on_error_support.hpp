#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"

namespace flow_test::bad_events {

inline auto upto(int n) { return flow::from(std::views::iota(0, n)); }
inline auto is_bad(int i) { return i % 10 == 3; }
/// Throws for each tenth event.
inline auto checked(int i) -> int {
    if (is_bad(i)) throw std::runtime_error("bad");
    return i;
}
inline auto good_ones(int n) {
    std::vector<int> all;
    for (int i = 0; i < n; ++i) {
        if (!is_bad(i)) all.push_back(i);
    }
    return all;
}
inline auto sum_of(std::vector<int> const& all) {
    int sum = 0;
    for (int i : all) sum += i;
    return sum;
}

template <class T>
void same(std::vector<T> const& got, std::vector<T> const& expected) {
    BOOST_TEST(got == expected, boost::test_tools::per_element());
}

/// No line on the terminal.
inline auto quiet_skip() { return flow::skip.log_to(nullptr); }

/// A sink that keeps what it gets in words: "step, element: reason; the event".
struct letter_list {
    std::vector<std::string> all;

    auto sink() {
        return [this](auto&& letter) {
            auto const event = letter.event ? std::to_string(*letter.event) : std::string("none");
            all.push_back(to_string(letter.place) + ": " + letter.reason() + "; " + event);
        };
    }
};

}  // namespace flow_test::bad_events
