#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <ranges>
#include <sluice/from_range.hpp>
#include <sstream>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(ranges)

using namespace stages;
using sluice::from;
using sluice::from_range;
using sluice::on_last_cancel;

namespace {

auto leaves_after(inlet<int>& in, std::vector<int>& got, std::size_t n) -> asio::awaitable<void> {
    while (got.size() < n) {
        auto events = co_await in.receive();
        if (!events) co_return;
        got.insert(got.end(), events->begin(), events->end());
    }
}
auto cycle(std::vector<int> values) {
    return std::views::iota(0) |
           std::views::transform([values](int i) { return values[static_cast<std::size_t>(i) % values.size()]; });
}
template <class T>
struct keep {
    std::vector<T>* got;
    void handle_events(batch<T> events) {
        for (T& event : events) got->push_back(std::move(event));
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(all_elements_come_in_order_and_then_the_end) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto numbers = from_range(home, std::views::iota(0, 5000));
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 70}), collector, std::ref(got)};
        expect_text(run_all(home, numbers, all), "normal", "the run");
        expect_equal(got, iota(0, 5000), "the elements");
    });
}

BOOST_AUTO_TEST_CASE(an_empty_range_ends_at_once) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto numbers = from_range(home, std::vector<int>());
        sluice::consumer<int> all{home, from(numbers), collector, std::ref(got)};
        expect_text(run_all(home, numbers, all), "normal", "the run");
        invariant(got.empty(), "nothing");
    });
}

BOOST_AUTO_TEST_CASE(no_element_is_computed_before_somebody_has_asked_for_it) {
    in_many_orders([](simulation& home) {
        int computed = 0;
        std::vector<sluice::subscription> over;
        struct asks_by_hand {
            std::vector<sluice::subscription>* over;
            std::vector<int>* got;
            void handle_subscribe(sluice::subscription const& s) { over->push_back(s); }
            void handle_events(batch<int> events) { got->insert(got->end(), events.begin(), events.end()); }
        };
        std::vector<int> got;
        auto numbers = from_range(home, std::views::iota(0) | std::views::transform([&computed](int i) {
                                            ++computed;
                                            return i;
                                        }));
        sluice::consumer<int> all{home, from(numbers, {.demand_mode = sluice::demand_mode::manual}),
                                  asks_by_hand{&over, &got}};
        outcome run;
        start(run, numbers, all);
        home.run();
        expect_equal(computed, 0, "nobody has asked");
        over.front().ask(10);
        home.run();
        expect_equal(computed, 10, "ten were asked for");
        expect_equal(got, iota(0, 10), "and came");
        over.front().ask(3);
        home.run();
        expect_equal(computed, 13, "three more");
        all.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(of_an_input_range_nothing_is_read_ahead) {
    in_many_orders([](simulation& home) {
        std::istringstream words("a b c d e");
        std::vector<std::string> got;
        std::vector<sluice::subscription> over;
        struct asks_by_hand {
            std::vector<sluice::subscription>* over;
            std::vector<std::string>* got;
            void handle_subscribe(sluice::subscription const& s) { over->push_back(s); }
            void handle_events(batch<std::string> events) { got->insert(got->end(), events.begin(), events.end()); }
        };
        auto source = from_range(home, std::ranges::istream_view<std::string>(words));
        sluice::consumer<std::string> all{home, from(source, {.demand_mode = sluice::demand_mode::manual}),
                                          asks_by_hand{&over, &got}};
        outcome run;
        start(run, source, all);
        home.run();
        expect_equal(static_cast<int>(words.tellg()), 0, "nothing was read");
        over.front().ask(2);
        home.run();
        expect_equal(got, std::vector<std::string>{"a", "b"}, "two");
        expect_equal(static_cast<int>(words.tellg()), 3, "and no third was looked at");
        over.front().ask(3);
        home.run();
        expect_text(run.text(), "not ended", "the end was not looked for either");
        over.front().ask(1);
        home.run();
        expect_text(run.text(), "normal", "the run");
        expect_equal(got.size(), 5u, "all");
    });
}

BOOST_AUTO_TEST_CASE(a_range_that_knows_its_size_ends_with_its_last_element) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto numbers = from_range(home, std::list<int>{1, 2, 3});
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 3, .min_demand = 0}), leaves_after, std::ref(got),
                                  3u};
        expect_text(run_all(home, numbers, all), "normal", "the run");
        expect_equal(got, std::vector{1, 2, 3}, "all");
    });
}

BOOST_AUTO_TEST_CASE(when_the_last_consumer_leaves_the_stage_ends_or_stays_as_it_was_told) {
    in_many_orders([](simulation& home) {
        for (auto const what : {on_last_cancel::stop, on_last_cancel::stay_open}) {
            std::vector<int> got, later;
            outcome run, first;
            auto numbers = from_range(home, cycle({1, 2, 3}), {.on_last_cancel = what});
            sluice::consumer<int> some{home, from(numbers, {.max_demand = 5, .min_demand = 0}), leaves_after,
                                       std::ref(got), 5u};
            start(run, numbers);
            start(first, some);
            home.run();
            expect_equal(got, std::vector{1, 2, 3, 1, 2}, "as asked for");
            expect_text(first.text(), "normal", "the consumer");
            expect_text(run.text(), what == on_last_cancel::stop ? "normal" : "not ended", "the stage");
            if (what == on_last_cancel::stop) continue;
            sluice::consumer<int> more{home, from(numbers, {.max_demand = 1, .min_demand = 0}), leaves_after,
                                       std::ref(later), 2u};
            outcome second;
            start(second, more);
            home.run();
            expect_equal(later, std::vector{3, 1}, "it has gone on where it was");
            numbers.stop();
            home.run();
        }
    });
}

BOOST_AUTO_TEST_CASE(a_container_given_away_has_its_elements_moved_and_one_given_by_name_keeps_them) {
    in_many_orders([](simulation& home) {
        std::vector<std::unique_ptr<int>> pointers;
        for (int i = 0; i < 10; ++i) pointers.push_back(std::make_unique<int>(i));
        std::vector<std::string> const names{"a", "b"};
        std::vector<std::unique_ptr<int>> got;
        std::vector<std::string> copies;
        auto moved = from_range(home, std::move(pointers));
        auto copied = from_range(home, names);
        sluice::consumer<std::unique_ptr<int>> one{home, from(moved), keep<std::unique_ptr<int>>{&got}};
        sluice::consumer<std::string> two{home, from(copied), keep<std::string>{&copies}};
        expect_text(run_all(home, moved, copied, one, two), "normal", "the run");
        expect_equal(got.size(), 10u, "pointers");
        expect_equal(*got.back(), 9, "the last");
        expect_equal(copies, names, "copies");
    });
}

BOOST_AUTO_TEST_CASE(what_a_range_throws_ends_the_stage) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto numbers = from_range(home, std::views::iota(0) | std::views::transform([](int i) {
                                            if (i == 20) throw std::runtime_error("no twenty");
                                            return i;
                                        }));
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 4}), collector, std::ref(got)};
        expect_text(run_all(home, numbers, all), "no twenty", "the run");
        invariant(got.size() <= 20, "no more than there were");
    });
}

BOOST_AUTO_TEST_CASE(demand_that_accumulates_and_a_dispatcher_of_its_own_are_as_with_any_producer) {
    in_many_orders([](simulation& home) {
        std::vector<int> one, two;
        auto numbers = from_range(home, std::views::iota(0, 50), {.demand = sluice::demand_flow::accumulate},
                                  sluice::broadcast_dispatcher<int>{});
        sluice::consumer<int> a{home, from(numbers), collector, std::ref(one)};
        outcome run;
        start(run, numbers, a);
        home.run();
        invariant(one.empty(), "it waits");
        sluice::consumer<int> b{home, from(numbers), collector, std::ref(two)};
        outcome second;
        start(second, b);
        home.run();
        numbers.set_demand(sluice::demand_flow::forward);
        home.run();
        expect_text(run.text() + second.text(), "normalnormal", "the runs");
        expect_equal(one, iota(0, 50), "one");
        expect_equal(two, iota(0, 50), "two");
    });
}

BOOST_AUTO_TEST_SUITE_END()
