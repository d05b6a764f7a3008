#include "order_search.hpp"

#include <algorithm>
#include <sluice/testing/reducing_chooser.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace sluice::testing {
namespace detail {

auto order_search::next_of(std::size_t n) -> std::size_t {
    history_.handlers_are_ready(n);
    if (asleep_) {
        ++position_;
        return 0;
    }
    if (position_ == path_.size()) {
        add_order(n);
        if (asleep_) return next_of(n);
    }
    return go_on(true, n);
}

auto order_search::value(std::size_t n) -> std::size_t {
    auto const taken = next_value(n);
    history_.draws(taken);
    return taken;
}

auto order_search::next_value(std::size_t n) -> std::size_t {
    if (!history_.inside_handler() && history_.has_run_handlers()) counts_steps_ = true;
    if (asleep_) return 0;
    if (position_ == path_.size()) {
        auto const event = history_.size() - (history_.inside_handler() ? 1 : 0);
        path_.push_back({.options = n, .event = event});
    }
    return go_on(false, n);
}

auto order_search::go_on(bool is_order, std::size_t n) -> std::size_t {
    auto const& here = path_[position_++];
    if (here.options != n || here.is_order != is_order) {
        throw std::logic_error("the scenario is not deterministic: decision " + std::to_string(position_) + " had " +
                               std::to_string(here.options) + " possibilities and now has " + std::to_string(n));
    }
    return here.taken;
}

void order_search::add_order(std::size_t n) {
    node here{.is_order = true, .options = n, .event = history_.size(), .ready = history_.ready()};
    if (!every_order_) inherit_sleepers(here);
    while (here.taken < n && sleeps(here, here.ready[here.taken])) ++here.taken;
    if (here.taken == n) {
        asleep_ = true;
        useful_ = history_.size();
        ++redundant_;
        return;
    }
    here.wanted.assign(n, every_order_);
    here.wanted[here.taken] = true;
    path_.push_back(std::move(here));
}

/// Who slept when the last handler was chosen sleeps on if that one has nothing to do with it.
void order_search::inherit_sleepers(node& to) const {
    if (to.event == 0 || history_[to.event - 1].number == 0) return;
    auto const& last = history_[to.event - 1];
    for (auto const& each : path_[last.node].asleep) {
        if (each.number != last.number && each.touched.is_independent_of(last.touched)) to.asleep.push_back(each);
    }
}

auto order_search::sleeps(node const& at, std::uint64_t number) noexcept -> bool {
    return std::any_of(at.asleep.begin(), at.asleep.end(), [&](auto const& each) { return each.number == number; });
}

auto order_search::advance() -> bool {
    if (counts_steps_ && !every_order_) {  // so the number of handlers that come before matters: all over again
        every_order_ = true;
        path_.clear();
        analysed_ = 0;
        begin_schedule();
        return true;
    }
    analyse();
    collect_touched();
    while (!path_.empty()) {
        auto& last = path_.back();
        analysed_ = std::min(analysed_, last.event);
        if (last.is_order ? choose_other(last) : last.taken + 1 < last.options) break;
        path_.pop_back();
    }
    if (!path_.empty() && !path_.back().is_order) ++path_.back().taken;
    begin_schedule();
    return !path_.empty();
}

void order_search::begin_schedule() {
    shared_ = analysed_;
    position_ = 0;
    asleep_ = false;
    history_.begin_schedule();
}

void order_search::collect_touched() {
    for (auto i = path_.size(); i-- > 0 && path_[i].event >= shared_;) {
        if (path_[i].is_order) path_[i].touched.add(history_[path_[i].event].touched);
    }
}

auto order_search::choose_other(node& at) -> bool {
    at.asleep.push_back({at.ready[at.taken], std::exchange(at.touched, {})});
    for (std::size_t i = 0; i < at.options; ++i) {
        if (!at.wanted[i] || sleeps(at, at.ready[i])) continue;
        at.taken = i;
        return true;
    }
    return false;
}

void order_search::analyse() {
    auto const end = asleep_ ? useful_ : history_.size();
    for (; analysed_ < end; ++analysed_) {
        history_.look_back(analysed_, [&](std::size_t earlier) { race(earlier, analysed_); });
    }
}

auto order_search::equivalence() -> std::uint64_t {
    analyse();
    for (auto i = analysed_; i < history_.size(); ++i) history_.look_back(i, [](std::size_t) {});
    return history_.equivalence();
}

/// `later` could have come before `earlier`. Unless that is seen to anyway, whatever can lead to it must be tried
/// there: one of the events after `earlier` that need none of the others.
void order_search::race(std::size_t earlier, std::size_t later) {
    auto& at = path_[history_[earlier].node];
    std::vector<std::size_t> between;  // not because of `earlier`
    for (auto i = earlier + 1; i < later; ++i) {
        if (!history_[i].before.contains(earlier)) between.push_back(i);
    }
    between.push_back(later);
    std::size_t first = at.options;
    for (auto const i : between) {
        auto const& e = history_[i];
        auto const needed = [&](std::size_t other) { return e.before.contains(other); };
        if (std::any_of(between.begin(), between.end(), needed)) continue;
        auto const age =
            static_cast<std::size_t>(std::find(at.ready.begin(), at.ready.end(), e.number) - at.ready.begin());
        if (age == at.options) continue;
        if (at.wanted[age] || sleeps(at, e.number)) return;
        if (first == at.options) first = age;
    }
    if (first == at.options) {
        at.wanted.assign(at.options, true);
    } else {
        at.wanted[first] = true;
    }
}

}  // namespace detail

reducing_chooser::reducing_chooser(bool every_order) : search_{std::make_unique<detail::order_search>(every_order)} {}

reducing_chooser::~reducing_chooser() = default;

auto reducing_chooser::next() -> bool {
    forget_decisions();
    return search_->advance();
}

auto reducing_chooser::redundant() const noexcept -> std::size_t { return search_->redundant(); }

auto reducing_chooser::equivalence() -> std::uint64_t { return search_->equivalence(); }

auto reducing_chooser::observer() noexcept -> detail::step_observer* { return search_.get(); }

auto reducing_chooser::decide(decision about, std::size_t n, std::size_t odds) -> std::size_t {
    if (about == decision::order) return search_->next_of(n);
    if (about == decision::chance && odds == 0) return 0;
    return search_->value(n);
}

}  // namespace sluice::testing
