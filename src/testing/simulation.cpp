#include <algorithm>
#include <boost/asio/query.hpp>
#include <sluice/testing/invariant.hpp>
#include <sluice/testing/simulation.hpp>
#include <stdexcept>
#include <utility>

#include "environment.hpp"

namespace sluice::testing {
namespace {

/// How a simulation is found again behind an any_io_executor.
class simulation_service final : public asio::execution_context::service {
public:
    using key_type = simulation_service;
    static asio::execution_context::id id;

    explicit simulation_service(asio::execution_context& context, simulation* home = nullptr)
        : service{context}, home_{home} {}
    auto home() const noexcept -> simulation* { return home_; }

private:
    void shutdown() noexcept override {}

    simulation* home_;
};

asio::execution_context::id simulation_service::id;

}  // namespace

simulation::simulation(chooser& decider, simulation_options options)
    : scheduler{*this},
      chooser_{decider},
      observer_{decider.observer()},
      options_{options},
      events_{std::make_shared<census>()} {
    if (options_.step_budget == 0) {
        throw std::invalid_argument("simulation_options::step_budget must be at least 1 (got 0)");
    }
    if (options_.messages_per_turn && *options_.messages_per_turn == 0) {
        throw std::invalid_argument("simulation_options::messages_per_turn must be at least 1 (got 0)");
    }
    if (options_.operations_per_turn && *options_.operations_per_turn == 0) {
        throw std::invalid_argument("simulation_options::operations_per_turn must be at least 1 (got 0)");
    }
    asio::make_service<simulation_service>(*this, this);
    scheduler& home = *this;
    sluice::detail::environment::install(*this,
                                         std::make_unique<detail::simulated_environment>(home, chooser_, options_));
}

simulation::~simulation() {
    if (!ended_) drop_everything();
}

auto simulation::find(asio::execution_context& context) -> simulation* {
    if (!asio::has_service<simulation_service>(context)) return nullptr;
    return asio::use_service<simulation_service>(context).home();
}

auto simulation::find(asio::any_io_executor const& executor) -> simulation* {
    if (!executor) return nullptr;
    return find(asio::query(executor, asio::execution::context));
}

auto simulation::run(std::size_t step_budget) -> run_result { return run_while(step_budget, true); }

auto simulation::run_ready(std::size_t step_budget) -> run_result { return run_while(step_budget, false); }

auto simulation::run_while(std::size_t step_budget, bool time_passes) -> run_result {
    refuse_inside("run()");
    stopped_ = false;
    run_result result;
    auto const before = steps_;
    if (!hooks_.empty()) run_hooks();
    while (!stopped_ && !ended_ && steps_ - before < step_budget) {
        if (time_passes) {
            if (!let_time_pass()) break;
            run_next();
        } else {
            if (ready_.empty()) break;
            run_next();
        }
    }
    bool const more = !ready_.empty() || (time_passes && !timers_.empty());
    result.steps = static_cast<std::size_t>(steps_ - before);
    result.quiescent = ready_.empty() && timers_.empty();
    result.budget_exhausted = more && !stopped_ && !ended_ && result.steps >= step_budget;
    result.outstanding_work = outstanding_work_;
    budget_exhausted_ = result.budget_exhausted;
    if (observer_ != nullptr && (!ready_.empty() || result.steps >= step_budget)) observer_->steps_count();
    return result;
}

auto simulation::step() -> bool {
    refuse_inside("step()");
    bool const more = let_time_pass();
    if (more) run_next();
    if (observer_ != nullptr) observer_->steps_count();
    return more;
}

/// Goes on to the next deadline if nothing is ready, or now and then. Whether there is something to run.
auto simulation::let_time_pass() -> bool {
    bool const time_may_pass =
        !timers_.empty() &&
        (ready_.empty() || (options_.early_deadline_one_in != 0 && chooser_.one_in(options_.early_deadline_one_in)));
    if (time_may_pass) advance_time();
    return !ready_.empty();
}

void simulation::run_next() {
    auto const waiting = ready_.size();
    auto* const op = ready_.take(chooser_.next_of(waiting));
    ++steps_;
    hash_ = random_source::mix(hash_ + op->number * 0x9e3779b97f4a7c15U + waiting);
    inside_ = true;
    if (observer_ != nullptr) observer_->handler_begins(op->number);
    try {
        op->run();
    } catch (...) {
        handler_threw(std::current_exception());
    }
    inside_ = false;
    if (observer_ != nullptr) observer_->handler_ended(submitted_);
    if (!hooks_.empty()) run_hooks();
}

void simulation::advance_time() {
    auto const next = timers_.begin()->first.first;
    if (next == clock::time_point::max()) return;
    if (observer_ != nullptr && options_.early_deadline_one_in != 0) observer_->steps_count();
    now_ = std::max(now_, next);
    hash_ = random_source::mix(hash_ ^ static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    while (!timers_.empty() && timers_.begin()->first.first <= now_) {
        auto* const due = timers_.begin()->second;
        timers_.erase(timers_.begin());
        submit(due);
    }
}

void simulation::after_step(std::uint64_t count, std::function<void(simulation&)> action) {
    if (observer_ != nullptr) observer_->steps_count();
    hooks_.push_back({count, std::move(action)});
}

void simulation::run_hooks() {
    for (std::size_t i = 0; i < hooks_.size();) {
        if (hooks_[i].at != steps_) {
            ++i;
            continue;
        }
        auto const action = std::move(hooks_[i].action);
        hooks_.erase(hooks_.begin() + static_cast<std::ptrdiff_t>(i));
        action(*this);
    }
}

void simulation::stop() noexcept {
    stopped_ = true;
    if (observer_ != nullptr) observer_->steps_count();
}

void simulation::destroy_context() {
    refuse_inside("destroy_context()");
    if (!ended_) drop_everything();
}

/// The order of ~io_context: services let go of what they hold; the queues are emptied while strands still have
/// their service; the services are destroyed.
void simulation::drop_everything() noexcept {
    shutdown();
    while (!ready_.empty() || !timers_.empty()) {
        if (!ready_.empty()) {
            ready_.take(0)->drop();
        } else {
            auto* const op = timers_.begin()->second;
            timers_.erase(timers_.begin());
            op->drop();
        }
    }
    ended_ = true;
    destroy();
}

void simulation::refuse_inside(char const* what) const {
    if (inside_) throw std::logic_error(std::string("simulation::") + what + " must not be called inside a handler");
}

auto simulation::after(clock::duration duration) const noexcept -> clock::time_point {
    if (duration <= clock::duration::zero()) return now_;
    if (duration >= clock::time_point::max() - now_) return clock::time_point::max();
    return now_ + duration;
}

void simulation::expect_none(std::string name, std::function<std::size_t()> count) {
    expectations_.push_back({std::move(name), std::move(count)});
}

auto simulation::leftovers() const -> std::vector<std::string> {
    std::vector<std::string> sentences;
    auto const note = [&](std::size_t count, std::string const& name) {
        if (count != 0) sentences.push_back(std::to_string(count) + " " + name + " left behind");
    };
    if (budget_exhausted_) sentences.push_back("the step budget ran out: the run does not come to an end");
    note(ready_.size(), "queued handler(s)");
    note(timers_.size(), "pending timer(s)");
    note(outstanding_work_, "outstanding work: operation(s) that never completed");
    for (auto const& expected : expectations_) note(expected.count(), expected.name);
    return sentences;
}

void simulation::fail(std::string_view text) { fail(std::make_exception_ptr(violation{std::string(text)})); }

}  // namespace sluice::testing
