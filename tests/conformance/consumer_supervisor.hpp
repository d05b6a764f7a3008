#pragma once

#include <algorithm>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <memory>
#include <sluice/consumer_supervisor.hpp>
#include <sluice/core/on_exit.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../unit/stages/support.hpp"

// What the tests of consumer_supervisor share.
//
// A child process is a coroutine here, and a start function that answers with an error or throws is a coroutine that
// throws at once. Killing one with a reason is telling it to throw.
namespace conformance {

using namespace stages;
using sluice::child_counts;
using sluice::child_id;
using sluice::child_info;
using sluice::child_state;
using sluice::consumer_supervisor;
using sluice::consumer_supervisor_options;
using sluice::restart_mode;
using namespace std::chrono_literals;

/// Where a child waits until it is told what to do, or cancelled; a stubborn one does not heed that.
class bed {
public:
    bed(std::string who, bool is_stubborn) : name(std::move(who)), stubborn(is_stubborn) {}

    template <class Token = asio::use_awaitable_t<>>
    auto async_wait(Token&& token = {}) {
        return asio::async_initiate<Token, void()>([this](auto handler) { this->keep(std::move(handler)); }, token);
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
        auto const leave = sluice::core::on_exit([&mine] { mine.gone = true; });
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
inline auto child(std::string kind, nursery& home) -> asio::awaitable<void> {
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

inline auto one_by_one(outlet<std::string>& out, std::vector<std::string> events) -> asio::awaitable<void> {
    for (auto& each : events) {
        const bool taken = co_await out.emit(std::move(each));
        if (!taken) co_return;
    }
}

inline auto dead_producer(simulation& home) -> sluice::producer<std::string> {
    sluice::producer<std::string> made{home, one_by_one, std::vector<std::string>{}};
    made.stop();
    home.run();
    return made;
}

inline auto refused(consumer_supervisor_options const& options) -> std::string {
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

}  // namespace conformance
