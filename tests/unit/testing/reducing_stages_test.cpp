// The reduced search on strands and stages: it must see whatever the runtime can do.
#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <ostream>
#include <set>
#include <sluice/consumer.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/from.hpp>
#include <sluice/producer.hpp>
#include <sluice/run.hpp>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/footprint.hpp>
#include <string>
#include <utility>
#include <vector>

#include "reducing.hpp"

namespace {

namespace asio = boost::asio;
namespace data = boost::unit_test::data;
using namespace reducing;

/// What two strands hear of each other.
struct post_box {
    sluice::detail::strand_ptr owner;
    std::string heard = {};

    explicit post_box(simulation& home) : owner{new sluice::detail::strand(home.get_executor())} {}
    void tell(char what) {
        sluice::detail::send_function(*owner, [this, what] { heard += what; });
    }
};

auto emit(sluice::outlet<int>& out, int next, int last, std::string& book) -> asio::awaitable<void> {
    while (next < last) {
        auto const wanted = co_await out.demand();
        if (!wanted) co_return;
        book += std::to_string(*wanted) + ' ';
        auto batch = out.make_batch();
        for (std::size_t i = 0; i < *wanted && next < last; ++i) batch.push_back(next++);
        bool const taken = co_await out.emit(std::move(batch));
        if (!taken) co_return;
    }
    book += "done";
}

auto take(sluice::inlet<int>& in, std::string& book) -> asio::awaitable<void> {
    while (auto const batch = co_await in.receive()) {
        for (int const each : *batch) book += std::to_string(each) + ',';
        book += ' ';
    }
    book += "done";
}

struct sizes {
    int producers = 1;
    int consumers = 1;
    int events = 0;  // of each producer
    std::size_t max_demand = 1;

    friend auto operator<<(std::ostream& out, sizes const& s) -> std::ostream& {
        return out << s.producers << " to " << s.consumers << ", " << s.events << " events, max_demand "
                   << s.max_demand;
    }
};

/// What stages hear, in words; equal words mean that no user of the stages can tell the runs apart.
auto stages_of(sizes const& wanted) -> program {
    return [wanted](simulation& home) {
        std::deque<std::string> books;
        std::string end;
        {
            std::deque<sluice::producer<int>> producers;
            std::deque<sluice::consumer<int>> consumers;
            std::vector<sluice::source<int>> from;
            std::vector<sluice::detail::stage_ptr> all;
            for (int i = 0; i < wanted.producers; ++i) {
                producers.emplace_back(home.get_executor(), emit, 10 * i, 10 * i + wanted.events,
                                       std::ref(books.emplace_back()));
                from.push_back(sluice::from(producers.back(), {.max_demand = wanted.max_demand, .min_demand = 0}));
                all.push_back(sluice::detail::access::core(producers.back()));
            }
            for (int i = 0; i < wanted.consumers; ++i) {
                consumers.emplace_back(home.get_executor(), sluice::sources<int>(from), take,
                                       std::ref(books.emplace_back()));
                all.push_back(sluice::detail::access::core(consumers.back()));
            }
            auto const note = [&end](std::exception_ptr error) {
                names_all_it_shares();
                end += error ? "failed" : "ended";
            };
            asio::async_initiate<decltype(note), void(std::exception_ptr)>(sluice::detail::start_run(), note,
                                                                           std::move(all));
            home.run();
        }
        home.run_ready();
        for (auto const& book : books) end += " | " + book;
        return end;
    };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_reducing_stages)

BOOST_AUTO_TEST_CASE(strands_that_do_not_speak_to_each_other_are_not_told_apart) {
    auto const found = compare([](simulation& home) {
        post_box one{home};
        post_box other{home};
        for (char const c : {'a', 'b'}) {
            one.tell(c);
            other.tell(c);
        }
        home.run();
        return one.heard + '|' + other.heard;
    });
    BOOST_TEST(found.schedules == 1U);
    BOOST_TEST(*found.outcomes.begin() == "ab|ab");
}

BOOST_AUTO_TEST_CASE(messages_of_several_strands_to_one_come_in_every_order) {
    auto const found = compare([](simulation& home) {
        post_box target{home};
        post_box one{home};
        post_box two{home};
        post_box three{home};
        char name = 'a';
        for (auto* const each : {&one, &two, &three}) {
            sluice::detail::send_function(*each->owner, [&target, name] { target.tell(name); });
            ++name;
        }
        home.run();
        return target.heard;
    });
    BOOST_TEST(found.outcomes.size() == 6U);
}

BOOST_AUTO_TEST_CASE(a_message_to_oneself_races_with_those_of_others) {
    auto const found = compare([](simulation& home) {
        post_box me{home};
        post_box other{home};
        sluice::detail::send_function(*me.owner, [&] { me.tell('s'); });
        sluice::detail::send_function(*other.owner, [&] { me.tell('o'); });
        home.run();
        return me.heard;
    });
    BOOST_TEST(found.outcomes.size() == 2U);
}

BOOST_AUTO_TEST_CASE(who_looks_whether_a_strand_is_idle_races_with_it) {
    auto const found = compare([](simulation& home) {
        post_box busy{home};
        post_box curious{home};
        std::string seen;
        busy.tell('x');
        sluice::detail::send_function(*curious.owner, [&] { seen = busy.owner->looks_idle() ? "idle" : "busy"; });
        home.run();
        return seen;
    });
    BOOST_TEST(found.outcomes.size() == 2U);
}

BOOST_AUTO_TEST_CASE(stages_on_a_strand_of_asio_are_known_less_and_come_to_the_same) {
    auto const found = compare([](simulation& home) {
        std::string heard;
        auto const apart = asio::make_strand(home);
        sluice::detail::strand_ptr const one{new sluice::detail::strand(apart)};
        sluice::detail::strand_ptr const other{new sluice::detail::strand(apart)};
        sluice::detail::send_function(*one, [&] { heard += '1'; });
        sluice::detail::send_function(*other, [&] { heard += '2'; });
        asio::post(home, [&] { sluice::detail::send_function(*one, [&] { heard += '3'; }); });
        home.run();
        return heard;
    });
    BOOST_TEST(found.exhausted);
}

constexpr sizes smallest[] = {{}, {.events = 1}, {.events = 1, .max_demand = 2}};

BOOST_DATA_TEST_CASE(stages_hear_the_same_in_the_reduced_search, data::make(smallest), sample) {
    if (support::is_sanitized && sample.events > 0) return;  // the full search takes its time
    auto const found = compare(stages_of(sample));
    BOOST_TEST_MESSAGE(sample << ": " << found.schedules << " schedules, " << found.outcomes.size() << " outcomes");
}

BOOST_AUTO_TEST_CASE(stages_that_may_go_on_in_the_same_handler_hear_the_same_in_the_reduced_search) {
    auto options = order_alone();
    options.continue_here = answer::always;
    options.messages_per_turn = 64;
    for (auto const& sample : smallest) compare(stages_of(sample), options);
}

constexpr sizes small[] = {{.consumers = 2, .events = 1},
                           {.consumers = 2, .events = 2},
                           {.producers = 2, .events = 1},
                           {.producers = 2, .events = 1, .max_demand = 2},
                           {.events = 3, .max_demand = 2}};

BOOST_DATA_TEST_CASE(what_stages_hear_in_random_orders_they_hear_in_the_reduced_search, data::make(small), sample) {
    auto const run = stages_of(sample);
    auto const some = search(run, false, order_alone());
    BOOST_TEST(some.exhausted);
    BOOST_TEST(!some.ambiguous);
    std::set<std::string> others;
    for (std::uint64_t seed = 0; seed < some_of(5000); ++seed) {
        auto const decider = chooser_for_seed(seed);
        simulation home{*decider, order_alone()};
        others.insert(run(home));
    }
    BOOST_TEST_MESSAGE(sample << ": " << some.schedules << " schedules, " << some.outcomes.size() << " outcomes, "
                              << others.size() << " in random orders");
    BOOST_TEST(std::ranges::includes(some.outcomes, others));
}

BOOST_AUTO_TEST_SUITE_END()
