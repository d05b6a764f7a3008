// What GenStage's tests demand of ConsumerSupervisor, with their numbers.
//
// A child process is a coroutine here, and a start function that answers with an error or throws is a coroutine that
// throws at once. Killing one with a reason is telling it to throw.
#include <algorithm>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <memory>
#include <sluice/consumer_supervisor.hpp>
#include <sluice/detail/on_exit.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../unit/stages/support.hpp"

using namespace stages;
using sluice::child_counts;
using sluice::child_id;
using sluice::child_info;
using sluice::child_state;
using sluice::consumer_supervisor;
using sluice::consumer_supervisor_options;
using sluice::restart;
using namespace std::chrono_literals;

namespace {

/// Where a child waits until it is told what to do, or cancelled; a stubborn one does not heed that.
class bed {
public:
    bed(std::string who, bool is_stubborn) : name(std::move(who)), stubborn(is_stubborn) {}

    template <class Token = asio::use_awaitable_t<>>
    auto async_wait(Token&& token = {}) {
        return asio::async_initiate<Token, void()>([this](auto handler) { keep(std::move(handler)); }, token);
    }
    void open() {
        if (auto go = std::exchange(open_, nullptr)) go();
    }

    std::string name;
    bool stubborn;
    bool gone = false;
    std::string told = "";

private:
    template <class Handler>
    void keep(Handler handler) {
        auto const slot = asio::get_associated_cancellation_slot(handler);
        auto const executor = asio::get_associated_executor(handler);
        auto const kept = std::make_shared<Handler>(std::move(handler));
        open_ = [executor, kept] { asio::post(executor, [kept] { std::move (*kept)(); }); };
        if (slot.is_connected() && !stubborn) {
            asio::cancellation_slot(slot).assign([this](asio::cancellation_type) { open(); });
        }
    }

    std::function<void()> open_;
};

class nursery {
public:
    auto live(std::string name) -> asio::awaitable<void> {
        ++runs[name];
        bed& mine = *beds_.emplace_back(std::make_unique<bed>(name, name == "stubborn"));
        auto const leave = sluice::detail::on_exit([&mine] { mine.gone = true; });
        co_await mine.async_wait();
        if (mine.told.empty() && name == "abnormal") throw std::runtime_error("oops");
        if (mine.told.empty()) throw boost::system::system_error(asio::error::operation_aborted);
        if (mine.told == "shutdown") throw boost::system::system_error(asio::error::operation_aborted);
        if (mine.told != "normal") throw std::runtime_error(mine.told);
    }

    /// Every living child of that name, or each, ends like that.
    void tell(std::string const& name, std::string const& how) {
        for (auto const& each : beds_) {
            if (each->gone || (name != "*" && each->name != name)) continue;
            each->told = how;
            each->open();
        }
    }
    auto alive() const -> std::size_t {
        return static_cast<std::size_t>(std::ranges::count_if(beds_, [](auto const& each) { return !each->gone; }));
    }

    std::map<std::string, int> runs;

private:
    std::vector<std::unique_ptr<bed>> beds_;
};

/// The kinds of children that GenStage's tests know. Each first line is what a start function does there.
auto child(std::string kind, nursery& home) -> asio::awaitable<void> {
    int const run = home.runs[kind];
    bool const fails = kind == "error" || kind == "throw" || kind == "unknown" || (kind == "then error" && run > 0) ||
                       (kind == "try again" && run == 1);
    bool const returns = kind == "ignore" || (kind == "then ignore" && run > 0);
    if (fails || returns) ++home.runs[kind];
    if (fails) throw std::runtime_error("the start failed");
    if (!returns) co_await home.live(kind);
}

/// One supervisor, its answers, and the world around it.
struct scene {
    explicit scene(simulation& s, consumer_supervisor_options const& options = {},
                   sluice::sources<std::string> const& from = {})
        : home(&s), tested(s, from, options, child, std::ref(children)) {
        start(told, tested);
        s.run_ready();
    }

    auto start_child(std::string kind) -> child_id {
        child_id answer = 0;
        tested.async_start_child(std::move(kind), [&](std::exception_ptr e, child_id id) {
            error = describe(e);
            answer = id;
        });
        home->run_ready();
        return answer;
    }
    auto terminate(child_id id) -> std::string {
        std::string answer = "no answer";
        tested.async_terminate_child(id, [&](std::exception_ptr e, bool found) {
            answer = e ? describe(e) : found ? "ok" : "not found";
        });
        home->run_ready();
        return answer;
    }
    auto counts() -> std::string {
        std::string answer = "no answer";
        tested.async_count_children([&](std::exception_ptr e, child_counts c) {
            answer = e ? describe(e) : std::to_string(c.children()) + "/" + std::to_string(c.active);
        });
        home->run_ready();
        return answer;
    }
    auto list() -> std::vector<child_info> {
        std::vector<child_info> answer;
        tested.async_which_children([&](std::exception_ptr, std::vector<child_info> all) { answer = std::move(all); });
        home->run_ready();
        return answer;
    }
    void tell(std::string const& name, std::string const& how) {
        children.tell(name, how);
        home->run_ready();
    }
    void finish(std::string const& expected = "operation_aborted") {
        tested.stop();
        home->run();
        expect_text(told.text(), expected, "the run");
        expect_equal(children.alive(), std::size_t{0}, "children that live");
    }

    simulation* home;
    nursery children;
    consumer_supervisor<std::string> tested;
    outcome told;
    std::string error = "none";
};

auto one_by_one(outlet<std::string>& out, std::vector<std::string> events) -> asio::awaitable<void> {
    for (auto& each : events) {
        const bool taken = co_await out.emit(std::move(each));
        if (!taken) co_return;
    }
}

auto dead_producer(simulation& home) -> sluice::producer<std::string> {
    sluice::producer<std::string> made{home, one_by_one, std::vector<std::string>{}};
    made.stop();
    home.run();
    return made;
}

auto refused(consumer_supervisor_options const& options) -> std::string {
    asio::io_context context;
    nursery children;
    try {
        consumer_supervisor<std::string> const made{context, {}, options, child, std::ref(children)};
    } catch (boost::system::system_error const& e) {
        return e.what();
    }
    return "not refused";
}

template <class Scenario>
void with_many_orders(consumer_supervisor_options const& options, Scenario scenario) {
    in_many_orders(
        [&](simulation& home) {
            scene at{home, options};
            scenario(at);
        },
        60, patient);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(genstage_consumer_supervisor)

BOOST_AUTO_TEST_CASE(d6_02_refuses_bad_options_with_a_sentence) {
    BOOST_TEST(refused({.max_seconds = -1s}).find("consumer_supervisor_options::max_seconds must be at least 0") !=
               std::string::npos);
    BOOST_TEST(refused({.restart_delay = -1s}).find("consumer_supervisor_options::restart_delay must be at least 0") !=
               std::string::npos);
    BOOST_TEST(refused({}) == "not refused");
}

BOOST_AUTO_TEST_CASE(d6_03_refuses_permanent_children_and_an_impossible_shutdown) {
    BOOST_TEST(refused({.restart = restart::permanent})
                   .find("consumer_supervisor_options::restart must be transient or temporary (got permanent)") !=
               std::string::npos);
    BOOST_TEST(refused({.shutdown_timeout = 0s})
                   .find("consumer_supervisor_options::shutdown_timeout must be more than 0 (got 0 ns)") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(d6_13_start_child_gives_each_child_its_own_id) {
    with_many_orders({}, [](scene& at) {
        expect_equal(at.start_child("ok"), child_id{1}, "the first");
        expect_equal(at.start_child("ok"), child_id{2}, "the second");
        expect_text(at.counts(), "2/2", "children");
        expect_equal(at.start_child("error"), child_id{3}, "one that fails at once");
        expect_equal(at.start_child("ignore"), child_id{4}, "one that returns at once");
        expect_text(at.error, "normal", "the answer");
        expect_text(at.counts(), "2/2", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_14_a_child_that_throws_at_once_harms_nobody) {
    with_many_orders({}, [](scene& at) {
        for (auto const* kind : {"throw", "error", "unknown"}) at.start_child(kind);
        expect_text(at.counts(), "0/0", "children");
        expect_text(at.told.text(), "not ended", "the supervisor");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_15_a_temporary_child_is_not_restarted_whatever_it_ended_with) {
    with_many_orders({}, [](scene& at) {
        for (auto const* how : {"whatever", "shutdown", "normal"}) {
            at.start_child("ok");
            expect_text(at.counts(), "1/1", "children");
            at.tell("*", how);
            expect_text(at.counts(), "0/0", "children");
        }
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_16_a_transient_child_is_restarted_unless_it_ended_normally_or_was_cancelled) {
    with_many_orders({.restart = restart::transient}, [](scene& at) {
        for (auto const* how : {"shutdown", "normal"}) {
            at.start_child("ok");
            at.tell("*", how);
            expect_text(at.counts(), "0/0", "children");
        }
        auto const id = at.start_child("ok");
        at.tell("*", "whatever");
        expect_text(at.counts(), "1/1", "children");
        expect_equal(at.list().front().id, id, "the child keeps its id");
        expect_equal(at.list().front().restarts, std::size_t{1}, "restarts");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_17_a_child_that_is_restarted_may_behave_otherwise) {
    with_many_orders({.restart = restart::transient, .max_restarts = 100'000, .restart_delay = 1s}, [](scene& at) {
        at.start_child("ok2");
        at.tell("ok2", "kill");
        at.home->run();
        expect_text(at.counts(), "1/1", "restarted");
        at.start_child("ok3");
        at.tell("ok3", "kill");
        at.home->run();
        expect_text(at.counts(), "2/2", "restarted");
        at.start_child("then ignore");
        at.tell("then ignore", "kill");
        at.home->run();
        expect_text(at.counts(), "2/2", "the one that returns at its restart is gone");
        at.start_child("then error");
        at.tell("then error", "kill");
        expect_text(at.counts(), "3/2", "one waits to be restarted");
        auto const all = at.list();
        invariant(all.back().state == child_state::restarting && all.front().state == child_state::active,
                  "it is listed as such");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_18_a_restart_that_fails_is_tried_again) {
    with_many_orders({.restart = restart::transient, .max_restarts = 2}, [](scene& at) {
        at.start_child("try again");
        at.tell("*", "kill");
        expect_text(at.counts(), "1/1", "children");
        expect_equal(at.children.runs["try again"], 3, "runs");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_19_more_than_the_most_restarts_fail_the_supervisor) {
    with_many_orders({.restart = restart::transient, .max_restarts = 1}, [](scene& at) {
        at.start_child("ok");
        at.start_child("other");
        at.tell("ok", "kill");
        expect_text(at.counts(), "2/2", "children");
        at.tell("ok", "killed again");
        at.home->run();
        expect_text(at.told.text(), "killed again", "the run");
        expect_equal(at.children.alive(), std::size_t{0}, "children that live");
    });
}

BOOST_AUTO_TEST_CASE(d6_20_restarts_of_one_moment_count_with_a_period_of_zero) {
    with_many_orders({.restart = restart::transient, .max_seconds = 0s}, [](scene& at) {
        at.start_child("error");
        at.home->run();
        expect_text(at.told.text(), "the start failed", "the run");
        expect_equal(at.children.runs["error"], 4, "runs");
    });
    with_many_orders({.restart = restart::transient, .max_restarts = 1, .max_seconds = 0s, .restart_delay = 1ms},
                     [](scene& at) {
                         at.start_child("ok");
                         for (int i = 0; i < 5; ++i) {
                             at.tell("*", "kill");
                             at.home->run();
                         }
                         expect_text(at.counts(), "1/1", "a moment later they count no more");
                         at.finish();
                     });
}

BOOST_AUTO_TEST_CASE(d6_21_trying_again_is_bounded_by_the_intensity) {
    with_many_orders({.restart = restart::transient, .max_restarts = 10}, [](scene& at) {
        at.start_child("then error");
        at.tell("*", "kill");
        at.home->run();
        expect_text(at.told.text(), "the start failed", "the run");
        expect_equal(at.children.runs["then error"], 11, "runs");
    });
}

BOOST_AUTO_TEST_CASE(d6_23_a_stop_cancels_every_child_and_may_wait_for_ever) {
    with_many_orders({.shutdown_timeout = sluice::consumer_supervisor_options::duration::max()}, [](scene& at) {
        for (auto const* name : {"a", "b", "stubborn"}) at.start_child(name);
        at.tested.stop();
        at.home->run();
        expect_text(at.told.text(), "not ended", "the run");
        expect_equal(at.children.alive(), std::size_t{1}, "children that live");
        at.tell("stubborn", "normal");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_24_what_children_throw_when_they_are_cancelled_is_no_failure) {
    with_many_orders(
        {.restart = restart::transient, .shutdown_timeout = sluice::consumer_supervisor_options::duration::max()},
        [](scene& at) {
            for (int i = 0; i < 3; ++i) at.start_child("abnormal");
            at.finish();
            expect_equal(at.children.runs["abnormal"], 3, "runs");
        });
}

BOOST_AUTO_TEST_CASE(d6_25_children_that_heed_their_cancellation_end_in_time) {
    with_many_orders({.shutdown_timeout = 1s}, [](scene& at) {
        for (int i = 0; i < 3; ++i) at.start_child("ok");
        auto const before = at.home->elapsed();
        at.finish();
        invariant(at.home->elapsed() == before, "without waiting");
    });
}

BOOST_AUTO_TEST_CASE(d6_26_also_those_that_throw_something_else_then) {
    with_many_orders({.shutdown_timeout = 1s}, [](scene& at) {
        for (int i = 0; i < 3; ++i) at.start_child("abnormal");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_27_a_child_that_does_not_end_in_time_is_left_and_told_of) {
    with_many_orders({.shutdown_timeout = 1ms}, [](scene& at) {
        for (auto const* name : {"a", "stubborn", "b"}) at.start_child(name);
        at.tested.stop();
        at.home->run();
        expect_text(at.told.text(), "a child that was told to end has not, within its shutdown_timeout", "the run");
        expect_equal(at.children.alive(), std::size_t{1}, "children that live");
        at.tell("stubborn", "normal");
        expect_equal(at.children.alive(), std::size_t{0}, "children that live");
    });
}

BOOST_AUTO_TEST_CASE(d6_28_a_child_is_terminated_once) {
    with_many_orders({.restart = restart::transient}, [](scene& at) {
        auto const id = at.start_child("abnormal");
        expect_text(at.terminate(id), "ok", "the first time");
        expect_text(at.terminate(id), "not found", "the second time");
        expect_text(at.counts(), "0/0", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_29_terminating_gives_up_after_the_timeout) {
    with_many_orders({.shutdown_timeout = 1s}, [](scene& at) {
        auto const id = at.start_child("stubborn");
        std::string answer = "none";
        at.tested.async_terminate_child(id, [&](std::exception_ptr e, bool) { answer = describe(e); });
        at.home->run_ready();
        expect_text(answer, "none", "before");
        invariant(at.list().front().state == child_state::terminating, "it is listed as such");
        at.home->run();
        expect_text(answer, "a child that was told to end has not, within its shutdown_timeout", "after");
        expect_text(at.counts(), "1/1", "children");
        at.tell("*", "normal");
        expect_text(at.counts(), "0/0", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_30_a_child_that_waits_for_its_restart_is_terminated_at_once) {
    with_many_orders({.restart = restart::transient, .restart_delay = 1h}, [](scene& at) {
        auto const id = at.start_child("ok");
        at.tell("ok", "kill");
        expect_text(at.counts(), "1/0", "children");
        expect_text(at.terminate(id), "ok", "the first time");
        expect_text(at.terminate(id), "not found", "the second time");
        expect_text(at.counts(), "0/0", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_31_subscribing_gives_a_subscription) {
    with_many_orders({}, [](scene& at) {
        sluice::producer<std::string> made{*at.home, one_by_one, std::vector<std::string>{"ok"}};
        sluice::subscription over;
        at.tested.async_subscribe(made, {}, [&](boost::system::error_code, sluice::subscription s) { over = s; });
        outcome producer;
        start(producer, made);
        at.home->run_ready();
        invariant(over.valid(), "a subscription");
        expect_text(at.counts(), "1/1", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_32_refuses_bad_terms_of_a_subscription) {
    with_many_orders({}, [](scene& at) {
        sluice::producer<std::string> made{*at.home, one_by_one, std::vector<std::string>{"ok"}};
        auto const said = [&](sluice::subscribe_options const& options) -> std::string {
            try {
                at.tested.async_subscribe(made, options, [](boost::system::error_code, sluice::subscription) {});
            } catch (boost::system::system_error const& e) {
                return e.what();
            }
            return "nothing";
        };
        invariant(said({.max_demand = 0}).find("max_demand must be at least 1") != std::string::npos, "max_demand");
        invariant(said({.max_demand = 2, .min_demand = 2}).find("min_demand must be less") != std::string::npos, "min");
        invariant(said({.demand = sluice::demand_mode::manual}).find("demand must be automatic") != std::string::npos,
                  "manual demand");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_34_ends_with_a_producer_that_has_gone_if_the_subscription_is_permanent) {
    in_many_orders(
        [](simulation& home) {
            auto made = dead_producer(home);
            nursery children;
            consumer_supervisor<std::string> tested{
                home, sluice::from(made, {.cancel = sluice::cancel_mode::permanent}), child, std::ref(children)};
            expect_text(run_all(home, tested), make_error_code(sluice::errc::no_such_stage).message(), "the run");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_36_outlives_a_producer_that_has_gone_if_the_subscription_is_temporary) {
    in_many_orders(
        [](simulation& home) {
            auto made = dead_producer(home);
            scene at{home, {.stay_open = true}, sluice::from(made, {.cancel = sluice::cancel_mode::temporary})};
            expect_text(at.told.text(), "not ended", "the run");
            at.start_child("ok");
            expect_text(at.counts(), "1/1", "children");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_37_starts_a_child_for_each_event) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one,
                                               std::vector<std::string>{"ok2", "ok3", "error", "ignore", "unknown"}};
            scene at{home, {}, sluice::from(made)};
            outcome producer;
            start(producer, made);
            home.run();
            expect_text(at.counts(), "2/2", "children");
            expect_equal(at.children.runs.size(), std::size_t{5}, "kinds of children that ran");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_38_starts_a_child_for_each_event_of_a_finished_source_and_waits_for_them) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one, std::vector<std::string>{"a", "b", "c"}};
            scene at{home, {}, sluice::from(made)};
            outcome producer;
            start(producer, made);
            home.run();
            expect_text(producer.text(), "normal", "the producer");
            expect_text(at.counts(), "3/3", "children");
            at.tell("*", "normal");
            home.run();
            expect_text(at.told.text(), "normal", "the run, when the last child has ended");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_39_events_whose_children_throw_leave_no_child) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one, std::vector<std::string>{"throw", "error", "unknown"}};
            scene at{home, {.stay_open = true}, sluice::from(made)};
            outcome producer;
            start(producer, made);
            home.run();
            expect_text(at.counts(), "0/0", "children");
            expect_text(at.told.text(), "not ended", "the run");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_40_never_has_more_children_than_max_demand) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one,
                                               std::vector<std::string>{"ok1", "error", "ignore", "ok2", "ok3", "ok4"}};
            scene at{home, {}, sluice::from(made, {.max_demand = 1, .min_demand = 0})};
            outcome producer;
            start(producer, made);
            home.run();
            expect_text(at.counts(), "1/1", "children");
            expect_equal(at.children.runs["error"], 0, "the second event waits");
            at.tell("ok1", "kill");
            expect_equal(at.children.runs["error"] + at.children.runs["ignore"], 2, "those that end at once");
            expect_equal(at.children.runs["ok2"], 1, "the next");
            expect_text(at.counts(), "1/1", "children");
            expect_text(at.terminate(at.list().front().id), "ok", "terminating");
            expect_equal(at.children.runs["ok3"], 1, "the next");
            expect_equal(at.children.runs["ok4"], 0, "the last");
            expect_text(at.counts(), "1/1", "children");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_42_children_remain_when_their_producer_has_gone) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one, std::vector<std::string>{"a", "b", "c", "d"}};
            scene at{home,
                     {.stay_open = true},
                     sluice::from(made, {.max_demand = 2, .cancel = sluice::cancel_mode::temporary})};
            outcome producer;
            start(producer, made);
            home.run();
            made.stop();
            home.run();
            expect_text(producer.text(), "operation_aborted", "the producer");
            expect_text(at.counts(), "2/2", "children");
            at.tell("*", "normal");
            expect_text(at.counts(), "0/0", "children");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_SUITE_END()
