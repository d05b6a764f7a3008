#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/environment.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/wait_deadline.hpp>
#include <sluice/detail/waiter.hpp>
#include <sluice/options.hpp>
#include <vector>

namespace sluice::detail {

class inlet_side;
class redelivery;

/// What a producer's handler object is to be told, in order.
struct outlet_call {
    enum class kind : unsigned char { demand, subscribed, cancelled, all_left };
    kind what = kind::demand;
    std::size_t demand = 0;
    link_ptr over;
    end_reason reason;
};

/// An outlet without its events: its links, what they want, and who waits for that. Its strand alone.
class SLUICE_API outlet_side : public outlet_base {
public:
    outlet_side(outlet_side const&) = delete;
    auto operator=(outlet_side const&) -> outlet_side& = delete;

    auto stage() const noexcept -> stage_core& { return *owner_; }
    /// Events asked for and not emitted yet.
    auto wanted() const noexcept -> std::size_t { return wanted_; }
    /// No consumer is left, and none will be waited for.
    auto all_left() const noexcept -> bool {
        return closed_ ||
               (had_consumers_ && live_ == 0 && on_last_cancel_ == on_last_cancel::stop && !successor_comes_);
    }

    /// Nobody can subscribe any more: so a stage that stays open for later consumers need not, once the last has left.
    void last_consumers() noexcept {
        on_last_cancel_ = on_last_cancel::stop;
        had_consumers_ = true;
    }

    auto is_accumulating() const noexcept -> bool { return flow_ == demand_flow::accumulate; }
    /// With forward, the asks that were held back come now, in order, and are served together.
    void set_flow(demand_flow flow) override;

    auto demand_wait() noexcept -> wait_slot& { return demand_wait_; }
    auto emit_wait() noexcept -> wait_slot& { return emit_wait_; }
    auto pause_wait() noexcept -> wait_slot& { return pause_wait_; }

    /// When to wake the pause that is going on.
    auto deadline() noexcept -> wait_deadline& { return deadline_; }

    /// For handler objects: calls come one by one from next_call(), and demand as it is asked for.
    void report_calls() noexcept {
        reporting_ = true;
        notify_ = &demand_wait_;
    }
    /// The same without demand, for a producer_consumer's handler; `notify` is woken besides emit_wait().
    void report_notices(wait_slot& notify) noexcept { notify_ = &notify; }
    /// Whoever waits there is woken too when all consumers have left: a body that waits for events to pass on.
    void wake_when_left(wait_slot& waits) noexcept { waits_for_events_ = &waits; }
    /// When all consumers have left, a body that waits for something else than this outlet, a timer or a socket, is
    /// stopped as if it had returned; one that waits for events of `in` is told that there are no more.
    void end_when_left(inlet_side* in = nullptr) noexcept {
        ends_when_left_ = true;
        in_ = in;
    }
    auto has_notice() const noexcept -> bool { return !calls_.empty(); }
    auto has_call() const noexcept -> bool { return !calls_.empty() || new_demand_ > 0; }
    auto next_call() -> outlet_call;
    void forget_calls() noexcept;

    /// Events that came in through emit or push.
    auto emitted() const noexcept -> std::uint64_t { return emitted_; }
    auto discarded() const noexcept -> std::uint64_t { return discarded_; }
    auto live() const noexcept -> std::size_t { return live_; }
    void tell(stage_numbers& numbers) const override;
    /// Events that wait for a taker, as of the last change. From any thread.
    auto buffered_count() const noexcept -> std::size_t { return buffered_; }

    void stop() noexcept override;

    void keep_open() noexcept override { on_last_cancel_ = on_last_cancel::stay_open; }
    void on_replace(link& l, link& successor) noexcept override;
    void let_end() noexcept override;
    void wind_down() noexcept override;
    /// The body is asked to end: demand() says that no more is wanted, and so does emit(), once it has delivered.
    auto is_winding_down() const noexcept -> bool { return winding_down_; }

protected:
    // Visits in line. Each has a number, which stands for it in the buffer and the dispatcher.
    auto number(visit_ptr what) -> std::uint64_t;
    /// These wait for the batch that waits for takers.
    void hold_visits(std::vector<std::uint64_t> const& due);
    auto take_held_visits() noexcept -> std::vector<std::uint64_t>;
    auto has_due_visits() const noexcept -> bool { return due_visits_ > 0; }
    void run_visit(std::uint64_t number) noexcept;

    outlet_side(stage_core& owner, outlet_options const& options);
    ~outlet_side();

    auto is_live(link const& l) const noexcept -> bool { return l.id < links_.size() && links_[l.id].get() == &l; }
    /// A subscription was accepted: from now on the last one to leave leaves nobody.
    void note_consumer() noexcept { had_consumers_ = true; }
    /// Gives the link a place and an id.
    void attach(link& l);
    /// Takes its place away; the id stays taken until free_id().
    auto detach(link& l) noexcept -> link_ptr;
    void free_id(subscriber_id id);
    void end_links(end_reason const& reason) noexcept;
    /// Of all subscriptions. Answers as redelivery::end() does.
    auto end_redelivery(redelivery& of) noexcept -> std::size_t;
    /// Their consumers may live on, on another context.
    void let_go_of_links() noexcept;

    /// Takes note of an ask; serve() then does what follows from it.
    virtual void take_ask(link& l, std::size_t n) noexcept = 0;
    virtual void serve() noexcept = 0;
    /// Hands out what was emitted while asks accumulated.
    virtual void release_held() noexcept = 0;
    void forget_asks(link const& l) noexcept;
    void hold_ask(link& l, std::size_t n) noexcept;
    void add_demand(std::size_t n) noexcept;
    void use_demand(std::size_t events) noexcept {
        wanted_ -= events < wanted_ ? events : std::size_t(wanted_);
        emitted_ += events;
    }
    void notify(outlet_call call);
    void notify_subscribed(link& l);
    void notify_cancelled(link& l, end_reason const& reason);
    void note_discarded(std::size_t events, char const* why) noexcept;

    /// User code may throw wherever events are touched; then the stage fails.
    template <class F>
    void guard(F&& f) noexcept {
        try {
            f();
        } catch (...) {
            owner_->fail(std::current_exception());
        }
    }

    struct held_ask {
        link_ptr over;
        std::size_t n;
    };

    stage_core* owner_;
    sluice::on_last_cancel on_last_cancel_;
    std::vector<link_ptr> links_;  // by subscriber id
    published<std::size_t> live_;
    published_level buffered_;  // what the last look has found
    static constexpr auto no_part = static_cast<std::size_t>(-1);
    published<std::size_t> full_part_{no_part};  // of the dispatcher's: the one that holds back the producer
    published<std::uint64_t> times_held_back_;
    void note_full_part(std::size_t part) noexcept;
    bool closed_ = false;
    end_reason closed_because_;
    bool draining_ = false;
    wait_slot demand_wait_;
    wait_slot emit_wait_;
    wait_slot pause_wait_;
    wait_deadline deadline_;
    std::list<outlet_call> calls_;  // a list: empty it takes no memory, and mostly it is
    std::vector<held_ask> held_asks_;
    std::vector<std::uint64_t> behind_carry_;  // visits that wait for the batch that waits for takers

    auto changes_places() const noexcept -> bool { return successor_comes_; }
    /// Tells the body, if no consumer is left.
    void tell_if_all_left() noexcept;

private:
    /// The body waits where it hears that nobody wants more.
    auto is_heard() const noexcept -> bool {
        return demand_wait_.waiting() || emit_wait_.waiting() || pause_wait_.waiting();
    }
    void end_body() noexcept;

    struct numbered_visit {
        std::uint64_t number;
        visit_ptr what;
    };
    std::list<numbered_visit> visits_;
    std::uint64_t last_visit_ = 0;
    std::size_t due_visits_ = 0;  // messages under way

    demand_flow flow_;
    std::vector<subscriber_id> free_ids_;
    bool had_consumers_ = false;
    bool successor_comes_ = false;  // a consumer leaves to subscribe anew in the same step
    bool winding_down_ = false;
    published<std::size_t> wanted_;
    bool reporting_ = false;       // demand too
    wait_slot* notify_ = nullptr;  // where the handler waits for calls
    wait_slot* waits_for_events_ = nullptr;
    bool ends_when_left_ = false;
    inlet_side* in_ = nullptr;  // of the same stage; to be told then
    std::size_t new_demand_ = 0;
    published<std::uint64_t> emitted_;
    published<std::uint64_t> discarded_;
    waiting_time for_demand_;
    waiting_time for_takers_;
};

}  // namespace sluice::detail
