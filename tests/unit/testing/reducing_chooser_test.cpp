#include <sluice/testing/reducing_chooser.hpp>

#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <sluice/testing/explore.hpp>
#include <sluice/testing/footprint.hpp>
#include <sluice/testing/random_source.hpp>
#include <string>
#include <utility>
#include <vector>

#include "reducing.hpp"
#include "scenarios.hpp"

namespace {

namespace asio = boost::asio;
using namespace reducing;
using testing_scenarios::contains;
using testing_scenarios::quietly;

/// n handlers that say what they share: `act` does it.
auto handlers(int n, std::function<void(int)> act) -> program {
    return [n, act = std::move(act)](simulation& home) {
        for (int i = 0; i < n; ++i) asio::post(home, [&act, i] { act(i); });
        home.run();
        return std::string();
    };
}

/// A program drawn at random: handlers that read and write cells and start others.
class random_program {
public:
    struct kinds {
        bool opaque = false;
        bool draw = false;
        bool wait = false;
        bool stop = false;
    };
    random_program(std::uint64_t seed, kinds may) : random_{seed}, may_{may} {
        auto const roots = 2 + random_.below(2);
        for (std::size_t i = 0; i < roots; ++i) roots_.push_back(draw(2));
    }

    auto operator()(simulation& home) const -> std::string {
        state now{home, std::vector<int>(cells), {}};
        for (auto const root : roots_) start(now, root);
        home.run();
        std::string outcome = home.stopped() ? "stopped " : "";
        for (auto const value : now.cells) outcome += std::to_string(value) + ',';
        for (auto const& [id, seen] : now.seen) outcome += ' ' + std::to_string(id) + ':' + std::to_string(seen);
        return outcome;
    }

private:
    static constexpr std::size_t cells = 3;
    struct step {
        bool named = true;
        bool draws = false;
        bool stops = false;
        int waits = 0;
        std::vector<std::size_t> looks_at = {};
        std::vector<std::size_t> changes = {};
        std::vector<std::size_t> starts = {};
    };
    struct state {
        simulation& home;
        std::vector<int> cells;
        std::map<std::size_t, int> seen;
    };

    auto draw(int depth) -> std::size_t {
        step s;
        s.named = !may_.opaque || random_.below(4) != 0;
        s.draws = may_.draw && random_.below(3) == 0;
        s.stops = may_.stop && random_.below(5) == 0;
        if (may_.wait && random_.below(3) == 0) s.waits = static_cast<int>(1 + random_.below(2));
        for (auto n = random_.below(2); n > 0; --n) s.looks_at.push_back(random_.below(cells));
        for (auto n = random_.below(2); n > 0; --n) s.changes.push_back(random_.below(cells));
        if (depth > 0) {
            for (auto n = random_.below(3); n > 0 && steps_.size() < 5; --n) s.starts.push_back(draw(depth - 1));
        }
        steps_.push_back(std::move(s));
        return steps_.size() - 1;
    }

    void start(state& now, std::size_t id) const {
        auto const& s = steps_[id];
        auto act = [this, &now, id] { run(now, id); };
        if (s.waits == 0) {
            asio::post(now.home, act);
        } else {
            now.home.async_wait(std::chrono::milliseconds{s.waits}, [act](boost::system::error_code) { act(); });
        }
    }

    void run(state& now, std::size_t id) const {
        auto const& s = steps_[id];
        if (s.named) names_all_it_shares();
        int sum = s.draws ? static_cast<int>(now.home.get_chooser().choose(2)) : 0;
        for (auto const cell : s.looks_at) {
            reads("cell", cell);
            sum += now.cells[cell];
        }
        for (auto const cell : s.changes) {
            writes("cell", cell);
            now.cells[cell] = 2 * now.cells[cell] + static_cast<int>(id) + sum;
        }
        now.seen[id] = sum;
        if (s.stops) now.home.stop();
        for (auto const next : s.starts) start(now, next);
    }

    random_source random_;
    kinds may_;
    std::vector<step> steps_;
    std::vector<std::size_t> roots_;
};

auto compare_random(std::uint64_t first, std::size_t n, random_program::kinds may, simulation_options const& options)
    -> std::pair<std::size_t, std::size_t> {
    std::size_t classes = 0;
    std::size_t schedules = 0;
    for (auto seed = first; seed < first + some_of(n); ++seed) {
        BOOST_TEST_CONTEXT("program " << seed) {
            auto const found = compare(random_program{seed, may}, options);
            classes += found.classes.size();
            schedules += found.schedules;
        }
    }
    return {classes, schedules};
}

void compare_outcomes(std::uint64_t first, std::size_t n, random_program::kinds may,
                      simulation_options const& options) {
    for (auto seed = first; seed < first + some_of(n); ++seed) {
        random_program const run{seed, may};
        auto const all = search(run, true, options);
        auto const some = search(run, false, options);
        BOOST_TEST(all.exhausted);
        BOOST_TEST(some.exhausted);
        BOOST_TEST((some.outcomes == all.outcomes), "program " << seed);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_reducing_chooser)

BOOST_AUTO_TEST_CASE(of_handlers_that_share_nothing_one_order_is_tried) {
    auto const found = compare(handlers(6, [](int) { names_all_it_shares(); }));
    BOOST_TEST(found.schedules == 1U);
}

BOOST_AUTO_TEST_CASE(of_handlers_of_which_nothing_is_known_all_orders_are_tried) {
    BOOST_TEST(compare(handlers(5, [](int) {})).schedules == 120U);
}

BOOST_AUTO_TEST_CASE(handlers_that_only_look_are_not_told_apart) {
    auto const found = compare(handlers(4, [](int i) {
        names_all_it_shares();
        i == 0 ? writes("it") : reads("it");
    }));
    BOOST_TEST(found.schedules == 8U);  // each of three before or after the one that changes it
}

BOOST_AUTO_TEST_CASE(one_handler_of_which_nothing_is_known_comes_before_or_after_each_other_one) {
    auto const found = compare(handlers(4, [](int i) {
        if (i != 0) names_all_it_shares();
    }));
    BOOST_TEST(found.schedules == 8U);
}

BOOST_AUTO_TEST_CASE(all_orders_of_those_that_change_the_same_thing_are_tried) {
    auto const pairs = compare(handlers(6, [](int i) {
        names_all_it_shares();
        writes("thing", static_cast<std::size_t>(i / 2));
    }));
    BOOST_TEST(pairs.schedules == 8U);  // two of each pair
    auto const all = compare(handlers(4, [](int) {
        names_all_it_shares();
        writes("the same");
    }));
    BOOST_TEST(all.schedules == 24U);
}

BOOST_AUTO_TEST_CASE(random_programs_come_to_the_same_outcomes_as_in_the_full_search) {
    auto const [classes, schedules] = compare_random(0, 300, {}, order_alone());
    BOOST_TEST_MESSAGE(classes << " classes in " << schedules << " schedules");
    BOOST_TEST(schedules <= classes + classes / 20);  // hardly a schedule is wasted
}

BOOST_AUTO_TEST_CASE(random_programs_with_handlers_of_which_nothing_is_known_come_to_the_same_outcomes) {
    compare_random(1000, 200, {.opaque = true}, order_alone());
}

BOOST_AUTO_TEST_CASE(random_programs_that_draw_values_come_to_the_same_outcomes) {
    compare_random(2000, 100, {.draw = true}, order_alone());
}

BOOST_AUTO_TEST_CASE(random_programs_that_wait_come_to_the_same_outcomes) {
    compare_outcomes(3000, 200, {.wait = true}, order_alone());
    auto early = order_alone();
    early.early_deadline_one_in = 2;
    compare_outcomes(4000, 100, {.wait = true}, early);
}

BOOST_AUTO_TEST_CASE(random_programs_that_are_stopped_come_to_the_same_outcomes) {
    compare_outcomes(5000, 200, {.opaque = true, .stop = true}, order_alone());
}

BOOST_AUTO_TEST_CASE(a_scenario_that_hides_what_its_handlers_share_is_told_from_one_that_names_it) {
    auto const program_of = [](bool honest) {
        return [honest](simulation& home) {
            std::string order;
            for (char const c : {'a', 'b', 'c'}) {
                asio::post(home, [&order, c, honest] {
                    names_all_it_shares();
                    if (honest) writes("order");
                    order += c;
                });
            }
            home.run();
            return order;
        };
    };
    BOOST_TEST(compare(program_of(true)).outcomes.size() == 6U);
    BOOST_TEST(search(program_of(false), true, order_alone()).ambiguous);
    BOOST_TEST(search(program_of(false), false, order_alone()).outcomes.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_exhaustive_exploration_can_be_reduced) {
    auto options = quietly(1);
    options.simulation = order_alone();
    options.one_of_equivalent_orders = true;
    int next = 0;
    auto const run = [&](simulation& home) {
        next = 3;
        for (int i = 0; i < 4; ++i) {
            asio::post(home, [&next, i] {
                names_all_it_shares();
                writes("next");
                if (i == next) --next;
            });
            for (int k = 0; k < 5; ++k) asio::post(home, [] { names_all_it_shares(); });
        }
        home.run();
        invariant(next >= 0, "counted down");
    };
    auto const report = explore_exhaustively(1000, run, options);
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(contains(report.first_failure->text, "counted down"));
    auto const again = replay(report.first_failure->decisions, run, options);
    BOOST_REQUIRE(again);
    BOOST_TEST(again->text == report.first_failure->text);

    options.stop_after_failures = 100;
    auto const whole = explore_exhaustively(1000, run, options);
    BOOST_TEST(whole.exhausted);
    BOOST_TEST(whole.schedules - whole.redundant == 24U);
    BOOST_TEST(whole.failures == 1U);
}

BOOST_AUTO_TEST_CASE(a_scenario_with_a_will_of_its_own_is_refused) {
    int runs = 0;
    reducing_chooser decider;
    auto const run = [&] {
        ++runs;
        simulation home{decider};
        for (int i = 0; i < 1 + runs; ++i) asio::post(home, [] {});
        home.run();
    };
    run();
    BOOST_TEST(decider.next());
    BOOST_CHECK_THROW(run(), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
