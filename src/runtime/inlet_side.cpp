#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <mutex>
#include <sluice/core/planted.hpp>
#include <sluice/detail/inlet_side.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice::detail {

inlet_side::inlet_side(stage_core& owner, inlet_options const& options, message::handler events)
    : inlet_base(events), owner_(&owner), receive_wait_(owner, &owner.body_slot()), stay_open_(options.stay_open) {
    receive_wait_.measure(for_events_);
}

inlet_side::~inlet_side() = default;

inlet_side::visit_message::visit_message(visit_ptr v) : message(&visit_message::drop), what(std::move(v)) {}
void inlet_side::visit_message::drop(message& m, bool) noexcept { delete &static_cast<visit_message&>(m); }
auto inlet_side::is_visit(message const& m) noexcept -> bool { return m.handle == &visit_message::drop; }

auto inlet_side::deadline() -> wait_deadline& {
    if (!deadline_) deadline_ = std::make_unique<wait_deadline>(*owner_, receive_wait_);
    return *deadline_;
}

auto inlet_side::add(link_ptr l) -> bool {
    if (closed_ || ended_) return false;
    auto const& options = l->options();
    auto const id = table_.add(options.cancel);
    std::lock_guard const lock(shape_);
    if (id.slot >= subscriptions_.size()) subscriptions_.resize(id.slot + 1);
    auto& s = subscriptions_[id.slot];
    l->subscription = id;
    s.over = l;
    s.window = options.demand_mode == demand_mode::manual ? core::demand_window::manual()
                                                          : core::demand_window(options.max_demand, options.min());
    s.adaptive = options.is_adaptive() ? std::make_unique<adaptation>(options, *owner_) : nullptr;
    if (s.adaptive) s.window.resize(s.adaptive->window(), options.max_demand, options.min());
    l->meter.max_demand = s.window.is_manual() ? 0 : s.window.max();
    s.opened = false;
    s.end_came = false;
    if (reporting_) {
        calls_.push_back({true, l, {}});
        receive_wait_.wake();
    }
    return true;
}

void inlet_side::open(link& l) noexcept {
    l.subscribe();
    ask_first(l);
}

void inlet_side::open(link& l, link& before, end_reason why) noexcept {
    before.replace(std::move(why), l);
    ask_first(l);
}

void inlet_side::open(subscription& s) noexcept {
    if (std::exchange(s.opened, true)) return;
    if (auto const first = s.window.open()) send_ask(s, first);
}

void inlet_side::ask(link& l, std::size_t n) noexcept {
    if (auto* s = find(l)) send_ask(*s, s->window.ask(n));
}

void inlet_side::send_ask(subscription& s, std::size_t n) noexcept {
    tell_demand(s);
    s.over->meter.asked_at = s.over->consumer().moment();
    s.over->ask(n);
}

void inlet_side::acknowledge() noexcept {
    if (unacknowledged_ == 0) return;
    auto const n = std::exchange(unacknowledged_, 0);
    if (!table_.contains(current_)) return;
    auto& s = subscriptions_[current_.slot];
    auto const& options = s.over->options();
    if (options.redeliver || options.max_weight > 0) s.over->acknowledge(n);
    if (s.adaptive) adapt(s, n);
    if (auto const more = s.window.processed(n)) {
        send_ask(s, more);
        if (SLUICE_BUG(ask_twice)) s.over->ask(more);
    } else {
        tell_demand(s);
    }
}

void inlet_side::adapt(subscription& s, std::size_t processed) noexcept {
    if (!s.adaptive->processed(processed, *owner_)) return;
    auto const& options = s.over->options();
    s.window.resize(s.adaptive->window(), options.max_demand, options.min());
    s.over->meter.max_demand = s.window.max();
}

auto inlet_side::poll() -> inlet_state {
    if (owner_->is_stopping() || closed_) return inlet_state::stopping;
    for (;;) {
        if (!calls_.empty()) return inlet_state::call;
        if (doomed_ || queue_.empty()) break;
        if (is_events(queue_.front())) return inlet_state::ready;
        if (is_visit(queue_.front())) {
            std::unique_ptr<visit_message> const front(&static_cast<visit_message&>(queue_.pop()));
            owner_->pass_on(std::move(front->what));
            continue;
        }
        take_end(link::of_end(queue_.pop()));
    }
    if (doomed_) return doom_ ? inlet_state::failed : inlet_state::ended;
    return ended_ ? inlet_state::ended : inlet_state::waiting;
}

void inlet_side::line_up(visit_ptr what) {
    if (queue_.empty()) {
        owner_->pass_on(std::move(what));
    } else {
        queue_.push(*new visit_message(std::move(what)));
    }
}

auto inlet_side::current() const noexcept -> link_ptr {
    return table_.contains(current_) ? subscriptions_[current_.slot].over : nullptr;
}

auto inlet_side::next_call() -> inlet_call {
    auto call = std::move(calls_.front());
    calls_.pop_front();
    return call;
}

auto inlet_side::end_wait(link& l) -> wait_slot* {
    auto* s = find(l);
    if (!s || s->end_came) return nullptr;
    if (!s->ended) s->ended = &free_end_wait();
    return s->ended;
}

// Kept for the life of the inlet: a wake-up or a cancellation may still be under way when the subscription is gone.
auto inlet_side::free_end_wait() -> wait_slot& {
    for (auto& wait : end_waits_) {
        if (!wait->waiting()) return *wait;
    }
    return *end_waits_.emplace_back(std::make_unique<wait_slot>(*owner_));
}

void inlet_side::on_end(link& l) noexcept {
    if (auto* s = find(l)) {
        s->end_came = true;
        if (s->ended) s->ended->wake();
    }
    if (closed_) {
        release(l);
        return;
    }
    queue_.push(l.end_message());
    // One end among several is nothing to whoever waits for events.
    if (!wakes_at_ends_ && receive_wait_.waiting() && poll() == inlet_state::waiting) return;
    receive_wait_.wake();
}

void inlet_side::take_end(link& l) {
    auto const reason = l.reason();
    auto const said = table_.end(l.subscription, reason.kind());
    if (reporting_) calls_.push_back({false, link_ptr(&l), reason});
    if (SLUICE_BUG(end_twice) && reporting_) calls_.push_back(calls_.back());
    release(l);
    if (said == core::verdict::consumer_ends) {
        doomed_ = true;
        doom_ = reason.as_exception();
    } else if (said == core::verdict::all_ended && !stay_open_) {
        ended_ = true;
    }
}

void inlet_side::release(link& l) noexcept {
    if (auto* s = find(l)) {
        table_.end(l.subscription, end_kind::normal);  // a no-op when it was said already
        s->ended = nullptr;
        s->adaptive.reset();
        std::lock_guard const lock(shape_);
        s->over.reset();  // the caller has it still
    }
}

void inlet_side::start() noexcept {
    started_ = true;
    for (auto& s : subscriptions_) {
        if (s.over) open(s);
    }
}

void inlet_side::stop() noexcept { receive_wait_.abort(); }

void inlet_side::tell(stage_numbers& numbers) const {
    numbers.events_in += received_;
    numbers.discarded += discarded_;
    numbers.lost_in_hand += lost_in_hand_;
    numbers.queued += queued_;
    numbers.most_queued += queued_.most();
    numbers.for_events = &for_events_;
}

void inlet_side::tell(std::vector<link_ptr>& links) const {
    std::lock_guard const lock(shape_);
    for (auto const& s : subscriptions_) {
        if (s.over) links.push_back(s.over);
    }
}

void inlet_side::note_discarded(std::size_t events, char const* why) noexcept {
    discarded_ += events;
    owner_->log_discarded(events, why);
}

void inlet_side::leave_links(bool content) noexcept {
    if (content && unacknowledged_ > 0 && table_.contains(current_)) {  // the last batch was processed too
        auto& last = *subscriptions_[current_.slot].over;
        if (last.options().redeliver) last.acknowledge(std::exchange(unacknowledged_, 0));
    }
    for (auto& s : subscriptions_) {
        if (s.over && s.over->options().redeliver) s.over->producer_keeps = s.over->consumer_goes();
    }
}

void inlet_side::note_in_hand() noexcept {
    bool const kept = table_.contains(current_) && subscriptions_[current_.slot].over->producer_keeps;
    if (unacknowledged_ > 0 && !kept) note_in_hand(unacknowledged_);
}

void inlet_side::note_in_hand(std::size_t events) noexcept {
    unacknowledged_ = 0;
    if (events == 0) return;
    lost_in_hand_ += events;
    owner_->log_in_hand(events);
}

void inlet_side::close_links(end_reason const& reason) noexcept {
    for (auto& s : subscriptions_) {
        if (s.over) s.over->cancel(reason);
    }
    calls_.clear();
    stop();
}

void inlet_side::abandon_links() noexcept {
    closed_ = true;
    clear_deadline();
    receive_wait_.drop();
    auto const gone = end_reason(std::make_exception_ptr(boost::system::system_error(errc::abandoned)));
    leave_links(false);
    for (auto& s : subscriptions_) {
        if (s.over) s.over->cancel(gone);
    }
    for (auto& wait : end_waits_) wait->drop();
    {
        std::unique_lock lock(shape_);
        auto const gone = std::exchange(subscriptions_, {});
        lock.unlock();
    }
    calls_.clear();
}

void inlet_side::let_end() noexcept {
    stay_open_ = false;
    if (closed_ || ended_ || table_.live() > 0) return;
    ended_ = true;
    receive_wait_.wake();
}

void inlet_side::leave() noexcept {
    for (auto& s : subscriptions_) {
        if (s.over) s.over->cancel(end_reason());
    }
}

auto inlet_side::join(link_ptr l) -> bool {
    if (!add(l)) return false;
    open(*l);
    return true;
}

auto inlet_side::links() const -> std::vector<link_ptr> {
    std::vector<link_ptr> all;
    for (auto const& s : subscriptions_) {
        if (s.over) all.push_back(s.over);
    }
    return all;
}

}  // namespace sluice::detail
