#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/detail/inlet_side.hpp>
#include <sluice/detail/outlet_side.hpp>
#include <sluice/detail/redelivery.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/detail/terms.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice::detail {

outlet_side::outlet_side(stage_core& owner, outlet_options const& options)
    : owner_(&owner),
      on_last_cancel_(options.on_last_cancel),
      demand_wait_(owner, &owner.body_slot()),
      emit_wait_(owner, &owner.body_slot()),
      pause_wait_(owner, &owner.body_slot()),
      deadline_(owner, pause_wait_),
      flow_(options.demand) {
    demand_wait_.measure(for_demand_);
    emit_wait_.measure(for_takers_);
}

outlet_side::~outlet_side() = default;

void outlet_side::tell(stage_numbers& numbers) const {
    numbers.events_out += emitted_;
    numbers.discarded += discarded_;
    numbers.consumers += live_;
    numbers.demand += wanted_;
    numbers.buffered += buffered_;
    numbers.most_buffered += buffered_.most();
    numbers.for_demand = &for_demand_;
    numbers.for_takers = &for_takers_;
    numbers.times_held_back += times_held_back_;
}

void outlet_side::set_flow(demand_flow flow) {
    flow_ = flow;
    if (is_accumulating()) return;
    for (auto const& each : std::exchange(held_asks_, {})) take_ask(*each.over, each.n);
    release_held();
    serve();
}

auto outlet_side::next_call() -> outlet_call {
    if (calls_.empty()) return {outlet_call::kind::demand, std::exchange(new_demand_, 0), nullptr, {}};
    auto call = std::move(calls_.front());
    calls_.pop_front();
    return call;
}

void outlet_side::forget_calls() noexcept { calls_.clear(); }

void outlet_side::notify_subscribed(link& l) { notify({outlet_call::kind::subscribed, 0, link_ptr(&l), {}}); }

void outlet_side::notify_cancelled(link& l, end_reason const& reason) {
    notify({outlet_call::kind::cancelled, 0, link_ptr(&l), reason});
}

void outlet_side::forget_asks(link const& l) noexcept {
    std::erase_if(held_asks_, [&l](held_ask const& each) { return each.over.get() == &l; });
}

void outlet_side::hold_ask(link& l, std::size_t n) noexcept {
    guard([&] { held_asks_.push_back({link_ptr(&l), n}); });
}

void outlet_side::hold_visits(std::vector<std::uint64_t> const& due) {
    behind_carry_.insert(behind_carry_.end(), due.begin(), due.end());
}

auto outlet_side::take_held_visits() noexcept -> std::vector<std::uint64_t> { return std::exchange(behind_carry_, {}); }

void outlet_side::note_full_part(std::size_t part) noexcept {
    if (part == full_part_) return;
    if (part != no_part) times_held_back_ += 1;
    full_part_ = part;
}

void outlet_side::free_id(subscriber_id id) { free_ids_.push_back(id); }

void outlet_side::stop() noexcept {
    demand_wait_.abort();
    emit_wait_.abort();
    pause_wait_.abort();
}

void outlet_side::attach(link& l) {
    if (free_ids_.empty()) {
        l.id = static_cast<subscriber_id>(links_.size());
        links_.emplace_back(&l);
    } else {
        l.id = free_ids_.back();
        free_ids_.pop_back();
        links_[l.id].reset(&l);
    }
    l.attached = true;
    live_ += 1;
}

auto outlet_side::detach(link& l) noexcept -> link_ptr {
    live_ -= 1;
    l.attached = false;
    return std::exchange(links_[l.id], nullptr);
}

auto outlet_side::number(visit_ptr what) -> std::uint64_t {
    visits_.push_back({++last_visit_, std::move(what)});
    return last_visit_;
}

// As a message: a dispatch may be going on.
void outlet_side::run_visit(std::uint64_t number) noexcept {
    auto const found = std::ranges::find(visits_, number, &numbered_visit::number);
    if (found == visits_.end()) return;
    ++due_visits_;
    send_function(*owner_, [this, what = std::move(found->what)]() mutable {
        --due_visits_;
        if (owner_->current_phase() == stage_core::phase::ended) return;  // dropped, it says so
        what->run();
        what.reset();
        if (draining_ && is_drained()) owner_->end_drained();
    });
    visits_.erase(found);
}

void outlet_side::end_links(end_reason const& reason) noexcept {
    held_asks_.clear();
    visits_.clear();
    for (auto& l : links_) {
        if (!l) continue;
        l->attached = false;
        l->end(reason);
    }
    links_.clear();
    live_ = 0;
}

auto outlet_side::end_redelivery(redelivery& of) noexcept -> std::size_t {
    std::size_t lost = 0;
    for (auto const& l : links_) {
        if (l) lost += of.end(*l);
    }
    return lost;
}

void outlet_side::let_go_of_links() noexcept {
    for (auto const& l : links_) {
        if (l) l->producer_lets_go();
    }
}

void outlet_side::add_demand(std::size_t n) noexcept {
    if (n == 0) return;
    wanted_ = core::saturating_add(wanted_, n);
    if (reporting_) new_demand_ = core::saturating_add(new_demand_, n);
    demand_wait_.wake();
}

void outlet_side::notify(outlet_call call) {
    if (!notify_) return;
    calls_.push_back(std::move(call));
    notify_->wake();
    emit_wait_.wake();
}

auto refusal(std::exception_ptr const& why) -> end_reason {
    try {
        std::rethrow_exception(why);
    } catch (boost::system::system_error const& e) {
        if (e.code() == errc::already_subscribed) return end_reason(end_kind::already_subscribed, why);
    } catch (...) {}
    return end_reason(why);
}

void outlet_side::note_discarded(std::size_t events, char const* why) noexcept {
    discarded_ += events;
    owner_->log_discarded(events, why);
}

void outlet_side::on_replace(link& l, link& successor) noexcept {
    successor_comes_ = true;
    on_cancel(l);
    successor_comes_ = false;
    bool const alone = live_ == 0;
    on_subscribe(successor);
    if (closed_) return;
    serve();
    if (alone) tell_if_all_left();  // it was refused
}

void outlet_side::let_end() noexcept {
    if (closed_) return;
    last_consumers();
    tell_if_all_left();
}

// As a message, for the body may be at work right now; and it may come to hear it meanwhile.
void outlet_side::end_body() noexcept {
    if (is_heard()) return;
    if (in_ && in_->receive_wait().waiting()) {
        in_->end_early();
        return;
    }
    send_function(*owner_, [this] {
        if (owner_->current_phase() == stage_core::phase::running && !is_heard()) owner_->stop(end_reason());
    });
}

void outlet_side::tell_if_all_left() noexcept {
    if (!all_left()) return;
    if (ends_when_left_) end_body();
    guard([&] { notify({outlet_call::kind::all_left, 0, nullptr, {}}); });
    demand_wait_.wake();
    emit_wait_.wake();
    pause_wait_.wake();
    if (waits_for_events_) waits_for_events_->wake();
    if (draining_) owner_->end_drained();
}

void outlet_side::wind_down() noexcept {
    if (closed_ || std::exchange(winding_down_, true)) return;
    if (reporting_) guard([&] { notify({outlet_call::kind::all_left, 0, nullptr, {}}); });
    demand_wait_.wake();
    pause_wait_.wake();
}

}  // namespace sluice::detail
