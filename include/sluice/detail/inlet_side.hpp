#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/core/demand_window.hpp>
#include <sluice/core/subscription_table.hpp>
#include <sluice/detail/adapting.hpp>
#include <sluice/detail/byte_lock.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/wait_deadline.hpp>
#include <sluice/detail/waiter.hpp>
#include <sluice/options.hpp>
#include <vector>

namespace sluice::detail {

/// What an inlet has for its body.
enum class inlet_state : unsigned char {
    waiting,   ///< nothing yet
    ready,     ///< a batch
    call,      ///< for handler objects: a subscription began or ended
    ended,     ///< every subscription has ended normally, or one has ended its consumer without an error
    failed,    ///< a subscription has ended its consumer with an error
    stopping,  ///< the stage is being stopped
};

/// What a consumer's handler object is to be told, in order with the batches.
struct inlet_call {
    bool subscribed = false;  // else cancelled
    link_ptr over;
    end_reason reason;
};

/// An inlet without its events: its subscriptions with their windows, the ends that have come, and who waits. Its
/// strand alone.
class SLUICE_API inlet_side : public inlet_base {
public:
    inlet_side(inlet_side const&) = delete;
    auto operator=(inlet_side const&) -> inlet_side& = delete;

    auto stage() const noexcept -> stage_core& { return *owner_; }

    /// Adds a subscription; asks once the stage runs. false when this inlet has ended. The caller sends it to the
    /// producer then: not before all that a constructor adds are there, for the answer may come at once, on the strand.
    auto add(link_ptr l) -> bool;
    /// Sends a subscription that was added while the stage lives.
    void open(link& l) noexcept;
    /// The same, in the place of another one.
    void open(link& l, link& before, end_reason why) noexcept;
    void ask(link& l, std::size_t n) noexcept override;

    /// The batch taken last was processed: its events no longer count as under way, and more may be asked for.
    void acknowledge() noexcept;
    /// poll() would say ready, and take in nothing.
    auto has_events() const noexcept -> bool {
        return !owner_->is_stopping() && !closed_ && calls_.empty() && !doomed_ && !queue_.empty() &&
               is_events(queue_.front());
    }
    /// What there is. Takes in ends that have come to the front.
    auto poll() -> inlet_state;
    /// Why the body is to fail; poll() was failed.
    auto doom() const noexcept -> std::exception_ptr const& { return doom_; }
    /// Whom the batch taken last came from; null when that subscription has ended.
    auto current() const noexcept -> link_ptr;

    // Its subscriptions by number: from 0 in the order in which they were made; a number is given again when its
    // subscription has ended.
    auto current_slot() const noexcept -> std::size_t { return current_.slot; }
    auto slots() const noexcept -> std::size_t { return subscriptions_.size(); }
    auto is_live(std::size_t slot) const noexcept -> bool { return subscriptions_[slot].over != nullptr; }
    /// receive_wait() is woken by each end, not only by the last one.
    void wake_at_ends() noexcept { wakes_at_ends_ = true; }

    auto receive_wait() noexcept -> wait_slot& { return receive_wait_; }

    /// Lets a visit come to the front of what has arrived, where poll() gives it to the stage's pass_on(); at once
    /// if nothing is there.
    void line_up(visit_ptr what);

    /// For handler objects: begins and ends come one by one from next_call().
    void report_calls() noexcept { reporting_ = true; }
    auto next_call() -> inlet_call;

    /// When to wake the receive that is going on.
    auto deadline() -> wait_deadline&;

    auto end_wait(link& l) -> wait_slot* override;

    /// A body that takes note of it itself ends with so many events in its hands.
    void note_in_hand(std::size_t events) noexcept;

    auto received() const noexcept -> std::uint64_t { return received_; }
    auto discarded() const noexcept -> std::uint64_t { return discarded_; }
    auto queued() const noexcept -> std::size_t { return queued_; }
    auto live() const noexcept -> std::size_t { return table_.live(); }
    void tell(stage_numbers& numbers) const override;
    void tell(std::vector<link_ptr>& links) const override;

    void on_end(link& l) noexcept override;
    void start() noexcept override;
    void stop() noexcept override;

    void keep_open() noexcept override { stay_open_ = true; }
    /// The first ask of a subscription that the producer knows of, unless it will come with the start.
    void ask_first(link& l) noexcept {
        if (auto* s = find(l); s && started_) open(*s);
    }
    void let_end() noexcept override;
    void leave() noexcept override;
    /// The receive that waits is answered that there is no more, whatever comes.
    void end_early() noexcept {
        doomed_ = true;
        receive_wait_.wake();
    }
    auto join(link_ptr l) -> bool override;
    auto links() const -> std::vector<link_ptr> override;

protected:
    struct subscription {
        link_ptr over;
        core::demand_window window;
        std::unique_ptr<adaptation> adaptive = nullptr;  // null: the window stays as it is
        bool opened = false;
        bool end_came = false;       // perhaps behind events that wait
        wait_slot* ended = nullptr;  // who waits for its end
    };

    /// `events`: what handles a message that is a batch.
    inlet_side(stage_core& owner, inlet_options const& options, message::handler events);
    ~inlet_side();

    struct visit_message final : message {
        explicit visit_message(visit_ptr v);
        static void drop(message& m, bool) noexcept;
        visit_ptr what;
    };
    // What waits in the queue is told apart by what handles it.
    static auto is_visit(message const& m) noexcept -> bool;
    auto is_events(message const& m) const noexcept -> bool { return m.handle == events_handler(); }
    auto find(link const& l) noexcept -> subscription* {
        auto const slot = l.subscription.slot;
        if (slot >= subscriptions_.size() || subscriptions_[slot].over.get() != &l) return nullptr;
        return &subscriptions_[slot];
    }
    void release(link& l) noexcept;
    static void tell_demand(subscription const& s) noexcept {
        s.over->meter.outstanding = s.window.outstanding();
        s.over->meter.awaited = s.window.awaited();
    }
    void note_discarded(std::size_t events, char const* why) noexcept;
    /// The stage has ended; `content`: with what it was given. Those producers that keep what they have sent are told.
    void leave_links(bool content) noexcept;
    /// The body has not come back for the next batch: what it had is lost with it, unless the producer keeps that.
    void note_in_hand() noexcept;
    /// The stage has ended: gives every subscription up.
    void close_links(end_reason const& reason) noexcept;
    void abandon_links() noexcept;

    stage_core* owner_;
    bool closed_ = false;
    core::subscription_table table_;
    std::vector<subscription> subscriptions_;  // by slot
    message_queue queue_;                      // batches and ends, as they came
    published_level queued_;                   // events in it
    core::subscription_id current_;
    std::size_t unacknowledged_ = 0;
    published<std::uint64_t> received_;
    wait_slot receive_wait_;
    void clear_deadline() noexcept {
        if (deadline_) deadline_->clear();
    }
    std::unique_ptr<wait_deadline> deadline_;  // made when one is set

private:
    static void open(subscription& s) noexcept;
    void adapt(subscription& s, std::size_t processed) noexcept;
    static void send_ask(subscription& s, std::size_t n) noexcept;
    auto free_end_wait() -> wait_slot&;
    void take_end(link& l);

    bool stay_open_;
    bool started_ = false;
    bool ended_ = false;
    bool doomed_ = false;
    bool reporting_ = false;
    bool wakes_at_ends_ = false;
    std::exception_ptr doom_;
    std::vector<std::unique_ptr<wait_slot>> end_waits_;
    std::list<inlet_call> calls_;  // a list: empty it takes no memory, and mostly it is
    published<std::uint64_t> discarded_;
    published<std::uint64_t> lost_in_hand_;
    waiting_time for_events_;
    mutable byte_lock shape_;  // of subscriptions_ and who is in it, which others may want to know
};

}  // namespace sluice::detail
