#include <spdlog/spdlog.h>
#include <algorithm>
#include <boost/system/system_error.hpp>
#include <ranges>
#include <sluice/core/planted.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/detail/supervisor_core.hpp>
#include <sluice/errc.hpp>
#include <sluice/supervisor.hpp>
#include <utility>

namespace sluice::detail {

supervisor_core::supervisor_core(asio::any_io_executor const& executor, supervisor_options const& options)
    : stage_core(executor),
      executor_(executor),
      options_(options),
      intensity_(options.max_restarts, options.restart_period) {}

auto supervisor_core::add(std::string name, child_options const& options, factory make) -> std::size_t {
    child added;
    added.name = std::move(name);
    added.when = options.restart;
    added.make = std::move(make);
    children_.push_back(std::move(added));
    return children_.size() - 1;
}

auto supervisor_core::stage_of(std::size_t child) const -> made_stage const& {
    if (child >= children_.size() || !children_[child].now.core) throw_error(errc::no_such_stage);
    return children_[child].now;
}

auto supervisor_core::outlet_of(std::size_t child) -> outlet_base& {
    auto const& made = stage_of(child);
    send_function(*made.core, [out = made.out] { out->keep_open(); });
    return *made.out;
}

void supervisor_core::launch() {
    body_begins(asio::cancellation_slot());
    try {
        for (std::size_t i = 0; i < children_.size(); ++i) make(i);
    } catch (...) {
        children_.clear();
        throw;
    }
    for (std::size_t i = 0; i < children_.size(); ++i) run(i);
    end_when_over();
}

void supervisor_core::make(std::size_t number) {
    auto& c = children_[number];
    c.over = false;
    supervised here(*this, number);
    auto made = c.make(here);
    if (made.core->name.empty()) made.core->name = c.name;
    if (!made.core->logger) made.core->logger = logger;
    c.wires.clear();
    for (auto* in : made.core->inlets()) {
        for (auto const& l : in->links()) {
            auto const from = std::ranges::find_if(
                children_, [&](child const& each) { return each.now.core.get() == &l->producer(); });
            if (from == children_.end()) continue;
            c.wires.push_back({static_cast<std::size_t>(from - children_.begin()), l->options(), l->shared_terms()});
        }
        if (!c.wires.empty()) send_function(*made.core, [in] { in->keep_open(); });
    }
    c.now = std::move(made);
    std::lock_guard const lock(members_lock_);
    members_.clear();
    for (auto const& each : children_) {
        if (each.now.core) members_.push_back(each.now.core);
    }
}

auto supervisor_core::members() const -> std::vector<stage_ptr> {
    std::lock_guard const lock(members_lock_);
    return members_;
}

void supervisor_core::drop_body() noexcept {
    children_.clear();
    std::lock_guard const lock(members_lock_);
    members_.clear();
}

auto supervisor_core::feeds(std::size_t producer, child const& consumer) const noexcept -> bool {
    return std::ranges::any_of(consumer.wires, [&](wire const& each) { return each.producer == producer; });
}

// Those who run draw from the new stage as they drew from the old one. Who is due has its factory do it.
void supervisor_core::rewire(std::size_t producer) {
    if (SLUICE_BUG(restart_not_rewired)) return;
    auto const& made = children_[producer].now;
    for (auto const& consumer : children_) {
        if (!consumer.running || consumer.due || !feeds(producer, consumer)) continue;
        outlet_of(producer);
        auto const to = consumer.now.core;
        auto& in = *to->inlets().front();
        for (auto const& each : consumer.wires) {
            if (each.producer != producer) continue;
            link_ptr over(new link(strand_ptr(made.core), *made.out, to, in, each.options, each.terms));
            send_function(*to, [&in, over] { in.join(over); });
        }
    }
}

void supervisor_core::run(std::size_t number) {
    auto& c = children_[number];
    c.running = true;
    c.stopped = false;
    c.due = false;
    run_watched(c.now.core, strand_ptr(this),
                [this, number](std::exception_ptr const& error) { ended(number, error); });
}

void supervisor_core::ended(std::size_t number, std::exception_ptr const& error) {
    if (current_phase() != phase::running) return;
    auto& c = children_[number];
    c.running = false;
    if (c.due || closing_) {  // it was to end
        start_due();
        return end_when_over();
    }
    bool const failed = error && !is_aborted(error);
    bool const wanted = c.when == restart_mode::permanent || (failed && c.when == restart_mode::transient);
    bool const again = wanted && !c.stopped && (!winding_down_ || (failed && !c.wires.empty()));
    if (again) return restart(number, error);
    if (failed) log(c, error, "; it is not restarted");
    c.over = true;
    start_due();
    let_ends_end();
    end_when_over();
}

void supervisor_core::restart(std::size_t number, std::exception_ptr const& cause) {
    if (!intensity_.note(world().now())) {
        log(children_[number], cause, "; that was once too often");
        return fail(cause ? cause : std::make_exception_ptr(boost::system::system_error(errc::too_many_restarts)));
    }
    log(children_[number], cause, "; it is restarted");
    mark(number);
    start_due();
}

/// Who is to be started again with that child; those that run must end first.
void supervisor_core::mark(std::size_t number) {
    auto const strategy = options_.strategy;
    auto const first = strategy == restart_strategy::one_for_all ? 0 : number;
    auto const last = strategy == restart_strategy::one_for_one ? number + 1 : children_.size();
    for (auto i = last; i-- > first;) {
        auto& c = children_[i];
        c.due = i == number || c.when != restart_mode::temporary;
        if (c.running && !std::exchange(c.stopped, true)) c.now.core->stop();
    }
}

void supervisor_core::start_due() noexcept {
    if (closing_ || is_failing()) return;
    for (auto const& c : children_) {
        if (c.stopped && c.running) return;  // first all of them must have ended
    }
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (!children_[i].due) continue;
        if (winding_down_ && children_[i].wires.empty()) {  // a source: there is to be no more
            children_[i].due = false;
            children_[i].over = true;
            continue;
        }
        try {
            ++children_[i].restarts;
            make(i);
            rewire(i);
        } catch (...) {  // the factory; it is asked again, as often as children may be restarted
            auto const error = std::current_exception();
            log(children_[i], error, " in its factory");
            if (!intensity_.note(world().now())) return fail(error);
            send_function(*this, [this] { start_due(); });
            return;
        }
        run(i);
    }
    let_ends_end();
    end_when_over();
}

void supervisor_core::let_ends_end() {
    for (std::size_t i = 0; i < children_.size(); ++i) {
        auto const& c = children_[i];
        if (!c.running || c.stopped) continue;
        auto const is_over = [&](wire const& each) { return children_[each.producer].over; };
        if (!c.wires.empty() && std::ranges::all_of(c.wires, is_over)) {
            auto* const in = c.now.core->inlets().front();
            send_function(*c.now.core, [in] { in->let_end(); });
        }
        auto consumers = children_ | std::views::filter([&](child const& each) { return feeds(i, each); });
        if (!consumers.empty() && std::ranges::all_of(consumers, &child::over)) {
            auto* const out = c.now.out;
            send_function(*c.now.core, [out] { out->let_end(); });
        }
    }
}

void supervisor_core::end_when_over() noexcept {
    if (current_phase() != phase::running) return;
    if (is_failing() && !closing_) return;
    for (auto const& c : children_) {
        if (c.running || (!closing_ && !c.over)) return;
    }
    children_.clear();
    body_ended(nullptr);
}

void supervisor_core::stopping() noexcept {
    closing_ = true;
    for (auto& c : children_ | std::views::reverse) {
        if (c.running) c.now.core->stop();
    }
    end_when_over();
}

// Sources are asked to end, and the others end behind them. They keep their wires: one that fails meanwhile comes back
// for what is on its way.
void supervisor_core::wind_down() noexcept {
    winding_down_ = true;
    for (std::size_t i = 0; i < children_.size(); ++i) {
        auto const& c = children_[i];
        if (!c.running || !c.wires.empty()) continue;
        bool const wired = std::ranges::any_of(children_, [&](child const& each) { return feeds(i, each); });
        send_function(*c.now.core, [core = c.now.core.get(), wired] {
            if (!wired) return core->wind_down();
            for (auto* out : core->outlets()) out->wind_down();
        });
    }
}

auto supervisor_core::infos() const -> std::vector<supervised_info> {
    std::vector<supervised_info> all;
    for (auto const& c : children_) {
        auto const state = c.over       ? child_state::ended
                           : !c.running ? child_state::restarting
                           : c.stopped  ? child_state::terminating
                                        : child_state::active;
        all.push_back({c.name, state, c.restarts});
    }
    return all;
}

void supervisor_core::log(child const& of, std::exception_ptr const& error, char const* what) noexcept {
    if (!logger) return;
    try {
        logger->warn("{}: {} ended: {}{}", name, of.name, end_reason(error).describe(), what);
    } catch (...) {}
}

void supervisor_core::abandoned() noexcept {
    stage_core::abandoned();
    executor_ = {};
}

}  // namespace sluice::detail
