#include <boost/test/unit_test.hpp>
#include <chrono>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

// The examples in the headers of windows, triggers and joins over windows; see examples_of_steps_test.cpp.

BOOST_AUTO_TEST_SUITE(flow_examples_of_windows)

using namespace flow_test;
using namespace std::chrono_literals;

namespace {

using numbers = std::vector<int>;

/// A request at so many milliseconds.
struct request {
    int at;
    std::string user;
};
using requests = std::vector<request>;

requests const some{{100, "ann"}, {400, "bob"}, {1200, "ann"}, {1300, "ann"}};
void count(int& n, request const&) { ++n; }
void add(int& sum, int i) { sum += i; }

}  // namespace

BOOST_AUTO_TEST_CASE(fixed_windows) {
    // [doc:fixed_windows]
    auto const f = flow::from(some) | flow::fixed_windows(1s, &request::at) | flow::reduce(0, count);
    // how many there are in each second: 2, 2
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{2, 2}));
}
BOOST_AUTO_TEST_CASE(sliding_windows) {
    // [doc:sliding_windows]
    auto const f = flow::from(some) | flow::sliding_windows(2s, 1s, &request::at) | flow::reduce(0, count);
    // how many there are in two seconds, each second: 2, 4, 2
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{2, 4, 2}));
}
BOOST_AUTO_TEST_CASE(session_windows) {
    // [doc:session_windows]
    auto const f = flow::from(some) | flow::partition({.stages = 2}, &request::user) |
                   flow::session_windows(1s, &request::at, &request::user, add) | flow::reduce(0, count);
    // how many there are in each visit of a user: 1 of bob, and 1 and 2 of ann, who was away for a second
    // [doc:end]
    BOOST_TEST((sorted(ran(f)) == numbers{1, 1, 2}));
}
BOOST_AUTO_TEST_CASE(count_windows) {
    // [doc:count_windows]
    auto const f = flow::from(std::views::iota(1, 8)) | flow::count_windows(3) | flow::reduce(0, add);  // 6, 15, 7
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{6, 15, 7}));
}
BOOST_AUTO_TEST_CASE(periodic_windows) {
    // [doc:periodic_windows]
    auto const f = flow::from(std::views::iota(1, 8)) | flow::periodic_windows(1h) | flow::reduce(0, add);
    // 28: all of it came within an hour
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{28}));
}
BOOST_AUTO_TEST_CASE(global_window) {
    // [doc:global_window]
    auto const f = flow::from(std::views::iota(1, 8)) | flow::global_window() | flow::trigger_every(3) |
                   flow::reduce(0, add);  // 6, 21, 28
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{6, 21, 28}));
}
BOOST_AUTO_TEST_CASE(trigger_every) {
    // [doc:trigger_every]
    auto const f = flow::from(std::views::iota(1, 8)) | flow::trigger_every(3) | flow::reduce(0, add);  // 6, 21, 28
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{6, 21, 28}));
}
BOOST_AUTO_TEST_CASE(trigger_periodically) {
    // [doc:trigger_periodically]
    auto const f = flow::from(std::views::iota(1, 8)) | flow::trigger_periodically(1h) | flow::reduce(0, add);
    // the sum so far each hour, and 28 at the end
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{28}));
}
BOOST_AUTO_TEST_CASE(trigger_when) {
    // [doc:trigger_when]
    auto const at_multiples_of_3 = [](int&, int i) {
        return i % 3 == 0 ? flow::punctuate_at::after : flow::punctuate_at::nothing;
    };
    auto const f = flow::from(std::views::iota(1, 8)) | flow::trigger_when("three", 0, at_multiples_of_3) |
                   flow::reduce(0, add);  // 6, 21, 28
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{6, 21, 28}));
}
BOOST_AUTO_TEST_CASE(late) {
    // [doc:late]
    requests const disordered{{100, "ann"}, {1200, "bob"}, {400, "ann"}};
    std::vector<std::string> came_late;
    auto const f = flow::from(disordered) | flow::fixed_windows(1s, &request::at) |
                   flow::late([&came_late](request const& r) { came_late.push_back(r.user); }) | flow::reduce(0, count);
    // 1, 1; and the second request of ann came late
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 1}));
    BOOST_TEST((came_late == std::vector<std::string>{"ann"}));
}
BOOST_AUTO_TEST_CASE(on_trigger) {
    // [doc:on_trigger]
    auto const row = [](int& n, flow::trigger_info const& at) {
        return std::vector{std::to_string(at.window.number) + " ms: " + std::to_string(n)};
    };
    auto const f = flow::from(some) | flow::fixed_windows(1s, &request::at) | flow::reduce(0, count) |
                   flow::on_trigger(row);  // "0 ms: 2", "1000 ms: 2"
    // [doc:end]
    BOOST_TEST((ran(f) == std::vector<std::string>{"0 ms: 2", "1000 ms: 2"}));
}
BOOST_AUTO_TEST_CASE(emit) {
    // [doc:emit]
    auto const append = [](numbers& all, int i) { all.push_back(i); };
    auto const f = flow::from(std::views::iota(1, 4)) | flow::reduce(numbers(), append) | flow::emit(flow::events);
    // 1, 2, 3, where without it the vector is one event
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 2, 3}));
}
BOOST_AUTO_TEST_CASE(window_join) {
    requests const answers{{300, "ann"}, {1900, "ann"}};
    // [doc:window_join]
    auto const wait = [](request const& asked, request const& answered) { return answered.at - asked.at; };
    auto const f = flow::window_join(flow::join_kind::inner, flow::from(some), flow::from(answers),
                                     flow::fixed_windows(1s, &request::at), &request::user, &request::user, wait);
    // 200 in the first second; 700 and 600 in the next
    // [doc:end]
    BOOST_TEST((sorted(ran(f)) == numbers{200, 600, 700}));
}

BOOST_AUTO_TEST_SUITE_END()
