#include <memory>
#include <random>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "on_error_support.hpp"

BOOST_AUTO_TEST_SUITE(flow_on_error)

using namespace flow_test;
using namespace flow_test::bad_events;

namespace {

/// 2000 numbers through a step that throws for 200 of them: the others come out in order, and each of the 200 is
/// reported.
template <class Step>
void keeps_the_good_ones(Step const& step) {
    std::size_t reported = 0;
    auto const count = flow::report_to([&](auto&&) { ++reported; });
    auto const skipping = upto(2000) | flow::on_error(quiet_skip()) | step | flow::shuffle({.stages = 1});
    auto const reporting = upto(2000) | flow::shuffle({.stages = 1}) | flow::on_error(count) | step;
    everywhere_in_many_orders([&](collector const& collect) {
        same(collect(skipping), good_ones(2000));
        reported = 0;
        same(collect(reporting), good_ones(2000));
        BOOST_TEST(reported == 200U);
    });
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_bad_event_is_left_out_and_the_others_keep_their_order) {
    keeps_the_good_ones(flow::map(checked));
    keeps_the_good_ones(flow::filter([](int i) { return checked(i) >= 0; }));
    keeps_the_good_ones(flow::reject([](int i) { return checked(i) < 0; }));
    keeps_the_good_ones(flow::tap(checked));
    keeps_the_good_ones(flow::take_while([](int i) { return checked(i) >= 0; }));
    keeps_the_good_ones(flow::uniq_by(checked));
    keeps_the_good_ones(flow::flat_map([](int i) { return std::vector<int>(1, checked(i)); }));
    keeps_the_good_ones(flow::map([](int i) { return std::pair(0, i); }) | flow::map_values(checked) |
                        flow::map([](std::pair<int, int> p) { return p.second; }));
    keeps_the_good_ones(flow::scan(0, [](int& last, int i) { last = checked(i); }));
    keeps_the_good_ones(flow::emit_and_reduce(0, [](int&, int i) { return std::vector<int>(1, checked(i)); }));
    keeps_the_good_ones(
        flow::map_async({.concurrency = 3}, [](int i) -> asio::awaitable<int> { co_return checked(i); }));
}

BOOST_AUTO_TEST_CASE(a_reduction_keeps_what_it_has_taken_and_takes_the_good_ones) {
    auto const sum = [](int& all, int i) { all += checked(i); };
    auto const expected = sum_of(good_ones(2000));
    auto const reduced = upto(2000) | flow::on_error(quiet_skip()) | flow::reduce(0, sum);
    auto const grouped = upto(2000) | flow::on_error(quiet_skip()) |
                         flow::group_by([](int i) { return checked(i) % 2; }, checked) |
                         flow::map([](std::pair<int, std::vector<int>> const& p) { return sum_of(p.second); }) |
                         flow::shuffle({.stages = 1}) | flow::reduce(0, [](int& all, int i) { all += i; });
    auto const by_key = [&](bool combine) {
        return upto(2000) | flow::on_error(quiet_skip()) |
               flow::reduce_by_key([](int i) { return checked(i) % 2; }, 0, sum, std::plus<>(),
                                   {.stages = 2, .combine = combine, .combine_keys = 1}) |
               flow::map([](std::pair<int, int> p) { return p.first; });
    };
    auto const combined = by_key(true);
    auto const single = by_key(false);
    everywhere([&](collector const& collect) {
        same(collect(reduced), {expected});
        same(collect(grouped), {expected});
        same(sorted(collect(combined)), {0, 1});
        same(sorted(collect(single)), {0, 1});
    });
}

BOOST_AUTO_TEST_CASE(keyed_sums_miss_the_bad_events_alone) {
    auto const add = [](int& all, int i) { all += checked(i); };
    auto const merge = [](int& all, int more) { all += more; };
    auto const f = upto(2000) | flow::on_error(quiet_skip()) |
                   flow::reduce_by_key([](int i) { return i % 2; }, 0, add, merge, {.stages = 2, .combine_keys = 1}) |
                   flow::map([](std::pair<int, int> p) { return p.second; }) | flow::shuffle({.stages = 1}) |
                   flow::reduce(0, [](int& all, int i) { all += i; });
    everywhere([&](collector const& collect) { same(collect(f), {sum_of(good_ones(2000))}); });
}

BOOST_AUTO_TEST_CASE(the_sink_gets_the_event_the_exception_and_the_place) {
    letter_list letters;
    auto const f = upto(1000) | flow::filter([](int i) { return i >= 500; }) |
                   flow::on_error(flow::to(letters.sink())) | flow::map([](int i) { return i + 1; }) |
                   flow::map([](int i) {
                       if (i == 600 || i == 700) throw std::invalid_argument("no " + std::to_string(i));
                       return i;
                   }).named("parse");
    everywhere([&](collector const& collect) {
        letters.all.clear();
        BOOST_TEST(collect(f).size() == 498U);
        same(letters.all, {"map(parse), element 99: no 600; 599", "map(parse), element 199: no 700; 699"});
    });
}

BOOST_AUTO_TEST_CASE(the_sink_gets_an_event_that_the_steps_have_taken_over) {
    std::vector<std::string> bad;
    auto const f =
        flow::from(std::vector<std::string>{"a", "b", "c"}) |
        flow::on_error(flow::to([&](flow::dead_letter<std::string> letter) { bad.push_back(*letter.event); })) |
        flow::map([](std::string word) -> std::string {
            auto const taken = std::move(word);
            if (taken == "b") throw std::runtime_error("bad");
            return taken;
        });
    same(collect_here(f), {"a", "c"});
    same(bad, {"b"});
}

BOOST_AUTO_TEST_CASE(events_that_cannot_be_copied_are_skipped_or_reported) {
    auto const unpack = [](std::unique_ptr<int> i) { return checked(*i); };
    std::vector<std::uint64_t> numbers;
    auto const report = flow::report_to([&](flow::dead_letter<std::unique_ptr<int>> letter) {
        BOOST_TEST(!letter.event);
        numbers.push_back(letter.place.element.value());
    });
    auto const pack = flow::map([](int i) { return std::make_unique<int>(i); });
    auto const skipped = upto(20) | pack | flow::on_error(quiet_skip()) | flow::map(unpack);
    auto const reported = upto(20) | pack | flow::on_error(report) | flow::map(unpack);
    same(collect_here(skipped), good_ones(20));
    same(collect_here(reported), good_ones(20));
    same(numbers, {3, 13});
}

BOOST_AUTO_TEST_CASE(a_sink_may_own_what_cannot_be_copied) {
    auto text = std::make_unique<std::string>();
    auto const* const seen = text.get();
    auto const f = upto(20) | flow::on_error(flow::to([text = std::move(text)](flow::dead_letter<int> letter) {
                       *text += std::to_string(*letter.event) + " ";
                   })) |
                   flow::map(checked);
    auto const same_sink = f;
    collect_here(f);
    collect_here(same_sink);
    BOOST_TEST(*seen == "3 13 3 13 ");
}

BOOST_AUTO_TEST_CASE(a_range_is_given_up_where_it_fails) {
    letter_list letters;
    auto const range = [](int i) {
        return std::views::iota(i * 1500, i * 1500 + 1500) | std::views::transform([](int j) {
                   if (j == 2000) throw std::runtime_error("bad");
                   return j;
               });
    };
    auto const of_range = upto(3) | flow::on_error(flow::to(letters.sink())) | flow::flat_map(range) |
                          flow::shuffle({.stages = 1, .max_demand = 10});
    auto const behind = upto(3) | flow::on_error(flow::to(letters.sink())) |
                        flow::flat_map([](int i) { return std::views::iota(i * 1500, i * 1500 + 1500); }) |
                        flow::flat_map([](int i) { return std::views::single(i); }) | flow::map([](int i) {
                            if (i == 2000) throw std::runtime_error("bad");
                            return i;
                        }) |
                        flow::shuffle({.stages = 1, .max_demand = 10});
    std::vector<int> expected;
    for (int i = 0; i < 4500; ++i) {
        if (i < 2000 || i >= 3000) expected.push_back(i);
    }
    everywhere_in_many_orders([&](collector const& collect) {
        letters.all.clear();
        same(collect(of_range), expected);
        same(collect(behind), expected);
        same(letters.all, {"flat_map, element 1: bad; 1", "map, element 1: bad; 1"});
    });
}

BOOST_AUTO_TEST_CASE(a_batch_is_dropped_as_a_whole_and_each_of_its_events_counts) {
    letter_list letters;
    auto const checks = [](sluice::batch<int> events) {
        for (int i : events) {
            if (i == 130) throw std::runtime_error("bad");
        }
        return events;
    };
    std::vector<int> expected;
    for (int i = 0; i < 1000; ++i) {
        if (i < 100 || i >= 200) expected.push_back(i);
    }
    auto const f = upto(1000) | flow::shuffle({.stages = 1, .max_demand = 200}) |
                   flow::on_error(flow::to(letters.sink())) | flow::map_batch(checks);
    everywhere([&](collector const& collect) {
        letters.all.clear();
        same(collect(f), expected);
        BOOST_TEST(letters.all.size() == 100U);
        BOOST_TEST(letters.all.front() == "map_batch, element 100: bad; 100");
        BOOST_TEST(letters.all.back() == "map_batch, element 199: bad; 199");
    });
}

BOOST_AUTO_TEST_CASE(batches_that_the_step_would_gather_are_dropped_as_a_whole_too) {
    std::size_t reported = 0;
    auto const checks = [](sluice::batch<int> events) {
        if (*events.begin() == 500) throw std::runtime_error("bad");
        return events;
    };
    auto const f = upto(1700) | flow::on_error(flow::report_to([&](auto&&) { ++reported; })) | flow::map_batch(checks) |
                   flow::map_batch([](sluice::batch<int> events) { return events; });
    everywhere([&](collector const& collect) {
        reported = 0;
        auto const got = collect(f);
        BOOST_TEST(got.size() + reported == 1700U);
        BOOST_TEST(reported == 500U);
        BOOST_TEST(std::ranges::is_sorted(got));
    });
}

BOOST_AUTO_TEST_CASE(results_at_the_end_are_held_one_by_one_and_have_no_event) {
    letter_list letters;
    auto const f = upto(20) | flow::on_error(flow::to(letters.sink())) | flow::group_by(std::identity()) |
                   flow::map([](std::pair<int, std::vector<int>> const& group) { return checked(group.first); });
    auto const one = upto(10) | flow::on_error(flow::to(letters.sink())) |
                     flow::reduce(0, [](int& sum, int i) { sum += i; }) |
                     flow::map([](int) -> int { throw std::runtime_error("bad sum"); });
    everywhere([&](collector const& collect) {
        letters.all.clear();
        same(collect(f), good_ones(20));
        same(collect(one), {});
        same(letters.all, {"map: bad; none", "map: bad; none", "map: bad sum; none"});
    });
}

BOOST_AUTO_TEST_CASE(the_last_guard_decides) {
    letter_list first;
    letter_list second;
    auto const f = upto(20) | flow::on_error(flow::to(first.sink())) | flow::map([](int i) {
                       if (i == 5) throw std::runtime_error("first");
                       return i;
                   }) |
                   flow::on_error(flow::to(second.sink())) | flow::map([](int i) {
                       if (i == 7) throw std::runtime_error("second");
                       return i;
                   });
    BOOST_TEST(collect_here(f).size() == 18U);
    same(first.all, {"map, element 5: first; 5"});
    same(second.all, {"map, element 6: second; 7"});
    auto const stopped = upto(20) | flow::on_error(quiet_skip()) | flow::map(std::identity()) |
                         flow::on_error(flow::stop) | flow::map(checked);
    fails_with(stopped, "bad");
    auto const batches = upto(20) | flow::on_error(quiet_skip()) | flow::on_error(flow::stop) |
                         flow::map_batch([](sluice::batch<int> events) {
                             checked(3);
                             return events;
                         });
    fails_with(batches, "bad");
}

BOOST_AUTO_TEST_CASE(a_guard_holds_up_to_the_next_exchange) {
    auto const f = upto(20) | flow::on_error(quiet_skip()) | flow::map(std::identity()) | flow::shuffle({.stages = 2}) |
                   flow::map(checked);
    fails_with(f, "bad");
    auto const before = upto(20) | flow::map(checked) | flow::on_error(quiet_skip());
    fails_with(before, "bad");
}

BOOST_AUTO_TEST_CASE(sources_and_partition_functions_are_not_held) {
    auto const source = flow::from(std::views::iota(0) | std::views::transform(checked)) |
                        flow::on_error(quiet_skip()) | flow::map(std::identity());
    fails_with(source, "bad");
    auto const key = upto(20) | flow::on_error(quiet_skip()) | flow::partition({.stages = 2}, checked);
    fails_with(key, "bad");
    auto const sorting = upto(20) | flow::on_error(quiet_skip()) |
                         flow::take_sort(5, [](int a, int b) { return checked(a) < checked(b); });
    fails_with(sorting, "bad");
}

// Flows of random steps, some of which throw for some events, against the same in plain loops: what comes out, and
// which events are reported.
BOOST_AUTO_TEST_CASE(nothing_is_lost_that_is_not_reported) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        BOOST_TEST_INFO_SCOPE("seed " << seed);
        std::minstd_rand random(seed);
        int const width = static_cast<int>(random() % 700);
        int const first = 2 + static_cast<int>(random() % 50);
        int const second = 2 + static_cast<int>(random() % 5000);
        std::vector<int> reported;
        auto const expand = [width](int i) { return std::views::iota(i * 1000, i * 1000 + width); };
        auto const f = upto(100) |
                       flow::on_error(flow::to([&](flow::dead_letter<int> l) { reported.push_back(*l.event); })) |
                       flow::map([first](int i) { return i % first == 1 ? throw std::runtime_error("a") : i; }) |
                       flow::flat_map(expand) |
                       flow::map([second](int i) { return i % second == 1 ? throw std::runtime_error("b") : i; }) |
                       flow::shuffle({.stages = 1, .max_demand = 1 + random() % 300});
        std::vector<int> expected;
        std::vector<int> bad;
        for (int i = 0; i < 100; ++i) {
            bool is_good = i % first != 1;
            for (int j = i * 1000; is_good && j < i * 1000 + width; ++j) {
                is_good = j % second != 1;
                if (is_good) expected.push_back(j);
            }
            if (!is_good) bad.push_back(i);
        }
        BOOST_TEST((collector(seed)(f) == expected));
        BOOST_TEST((reported == bad));
        reported.clear();
        sluice::thread_pool pool(2);
        BOOST_TEST((collector(pool)(f) == expected));
        BOOST_TEST((reported == bad));
    }
}

BOOST_AUTO_TEST_SUITE_END()
