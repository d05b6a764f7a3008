#include <spdlog/spdlog.h>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <sluice/detail/child_keeper.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice::detail {
namespace {

auto error_of(boost::system::error_code code) -> std::exception_ptr {
    return std::make_exception_ptr(boost::system::system_error(code));
}

}  // namespace

child_keeper::child_keeper(asio::any_io_executor const& executor, consumer_supervisor_options const& options)
    : stage_core(executor),
      fallback_(executor),
      options_(options),
      intensity_(options.max_restarts, options.restart_period) {}

void child_keeper::attach(inlet_side& in) {
    in_ = &in;
    in.report_calls();
    add_end(in);
}

void child_keeper::launch() {
    body_begins(asio::cancellation_slot());  // visits may come
    go_on();
}

void child_keeper::go_on() noexcept {
    try {
        for (;;) {
            if (is_failing() || closing_) return;
            in_->acknowledge();
            auto const state = in_->poll();
            if (state == inlet_state::stopping) return;
            if (state == inlet_state::waiting || !take_operation()) {
                in_->receive_wait().start([this](error_code) { go_on(); }, no_result());
                if (state != inlet_state::waiting) in_->receive_wait().wake();
                return;
            }
            if (state == inlet_state::failed) return fail(in_->doom());
            if (state == inlet_state::ended) {
                inlet_over_ = true;
                return end_when_idle();
            }
            if (state == inlet_state::call) {
                take_call();
            } else {
                take_batch();
            }
        }
    } catch (...) {  // an event could not be copied for its child
        fail(std::current_exception());
    }
}

void child_keeper::take_call() {
    auto const call = in_->next_call();
    if (call.subscribed) {
        feeds_.emplace(call.over.get(), feed{call.over, 0});
        in_->ask(*call.over, call.over->options().max_demand);
    } else {
        feeds_.erase(call.over.get());
    }
}

auto child_keeper::adopt(record_ptr child, stage_ptr running, link_ptr from) -> child_id {
    if (closing_ || is_failing()) throw_error(errc::no_such_stage);
    auto const id = ++last_;
    child->id = id;
    child->running = std::move(running);
    child->from = std::move(from);
    run(*children_.emplace(id, std::move(child)).first->second);
    return id;
}

void child_keeper::run(child_record& child) {
    run_watched(child.running, strand_ptr(this),
                [this, id = child.id](std::exception_ptr const& error) { ended(id, error); });
}

void child_keeper::ended(child_id id, std::exception_ptr const& error) {
    auto const found = children_.find(id);
    if (found == children_.end()) return;
    auto& child = *found->second;
    child.running = nullptr;
    child.timer = nullptr;
    bool const failed = error && !is_aborted(error);
    bool const again = failed && keeps_events() && child.state == child_state::active && !closing_ &&
                       current_phase() == phase::running;
    if (failed) log_end(id, error, again);
    if (!again) return remove(found);
    if (intensity_.note(world().now())) {
        restart_later(child);
    } else {
        fail(error);
        remove(found);
    }
}

void child_keeper::restart_later(child_record& child) {
    child.state = child_state::restarting;
    ++restarting_;
    auto const id = child.id;
    if (options_.restart_delay > options_.restart_delay.zero()) {
        child.timer = set_alarm_in(*this, options_.restart_delay, [this, id] { restart(id); });
    } else {
        send_function(*this, [this, id] { restart(id); });
    }
}

void child_keeper::restart(child_id id) noexcept {
    auto const found = children_.find(id);
    if (found == children_.end() || closing_) return;
    auto& child = *found->second;
    child.timer = nullptr;
    try {
        child.running = child.again();
        child.state = child_state::active;
        --restarting_;
        ++child.restarts;
        ++restarted_;
        run(child);
    } catch (...) {  // its event, or its function, could not be copied
        fail(std::current_exception());
    }
}

// A child that has gone makes room for another one.
void child_keeper::remove(child_map::iterator found) {
    auto const child = std::move(found->second);
    children_.erase(found);
    if (child->state == child_state::restarting) --restarting_;
    for (auto* op : child->waiting) op->complete(nullptr, true);
    if (auto const fed = feeds_.find(child->from.get()); fed != feeds_.end()) {
        auto& feed = fed->second;
        if (++feed.finished >= feed.over->options().min()) in_->ask(*feed.over, std::exchange(feed.finished, 0));
    }
    end_when_idle();
}

void child_keeper::end_when_idle() noexcept {
    if (!children_.empty() || current_phase() != phase::running) return;
    if (!closing_ && (!inlet_over_ || is_failing())) return;
    deadline_ = nullptr;
    drop_body();
    body_ended(nullptr);
}

void child_keeper::stopping() noexcept {
    closing_ = true;
    for (auto next = children_.begin(); next != children_.end();) {
        auto const each = next++;
        auto& child = *each->second;
        if (child.state == child_state::restarting) {
            remove(each);
        } else {
            child.state = child_state::terminating;
            child.running->stop();
        }
    }
    if (current_phase() != phase::running) return;  // the last one has gone
    if (children_.empty()) return end_when_idle();
    deadline_ = set_alarm_in(*this, options_.shutdown_timeout, [this] { give_up_waiting(); });
}

// A coroutine cannot be killed. Whoever does not heed that it was cancelled is left alone, and told of.
void child_keeper::give_up_waiting() noexcept {
    if (current_phase() != phase::running) return;
    auto const why = error_of(errc::shutdown_expired);
    log_warning(std::to_string(children_.size()) + " children have not ended within the shutdown_timeout and are left");
    for (auto& [id, child] : children_) {
        for (auto* op : std::exchange(child->waiting, {})) op->complete(why, false);
    }
    drop_body();
    body_ended(why);
}

void child_keeper::arrived(operation<bool>& op, child_id id) noexcept {
    auto const found = children_.find(id);
    if (found == children_.end() || current_phase() != phase::running) return op.complete(nullptr, false);
    auto& child = *found->second;
    child.waiting.push_back(&op);
    if (child.state == child_state::restarting) return remove(found);
    if (child.state == child_state::terminating) return;
    child.state = child_state::terminating;
    child.running->stop();
    child.timer = set_alarm_in(*this, options_.shutdown_timeout, [&child] {
        for (auto* each : std::exchange(child.waiting, {})) each->complete(error_of(errc::shutdown_expired), false);
    });
}

void child_keeper::cancelled(std::uint64_t number) noexcept {
    for (auto& [id, child] : children_) {
        for (auto each = child->waiting.begin(); each != child->waiting.end(); ++each) {
            if ((*each)->number != number) continue;
            auto* const op = *each;
            child->waiting.erase(each);
            return op->complete(error_of(asio::error::operation_aborted), false);
        }
    }
}

auto child_keeper::counts() const -> child_counts {
    return {children_.size() - restarting_, restarting_, last_, restarted_};
}

auto child_keeper::children() const -> std::vector<child_info> {
    std::vector<child_info> all;
    for (auto const& [id, child] : children_) all.push_back({id, child->state, child->restarts});
    return all;
}

void child_keeper::log_end(child_id id, std::exception_ptr const& error, bool again) noexcept {
    if (!logger) return;
    try {
        logger->warn("{}: child {} {}{}", name, id, end_reason(error).describe(), again ? "; it is run again" : "");
    } catch (...) {}
}

void child_keeper::abandoned() noexcept {
    deadline_ = nullptr;
    feeds_.clear();
    for (auto& [id, child] : std::exchange(children_, {})) {
        for (auto* op : std::exchange(child->waiting, {})) op->drop();
    }
    stage_core::abandoned();
    fallback_ = {};
}

}  // namespace sluice::detail
