#pragma once

#include <atomic>
#include <boost/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/core/subscription_table.hpp>
#include <sluice/detail/kept_options.hpp>
#include <sluice/detail/message.hpp>
#include <sluice/detail/published.hpp>
#include <sluice/detail/strand.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/options.hpp>
#include <sluice/subscriber_id.hpp>
#include <string>
#include <vector>

namespace sluice::detail {

class inlet_base;
class outlet_base;
class link;
using link_ptr = boost::intrusive_ptr<link>;
class wait_slot;

/// What the ends of a stage tell of themselves; moments as they note them.
struct stage_numbers {
    std::uint64_t events_in = 0;
    std::uint64_t events_out = 0;
    std::uint64_t discarded = 0;
    std::uint64_t lost_in_hand = 0;
    std::size_t consumers = 0;
    std::size_t demand = 0;
    std::size_t buffered = 0;
    std::size_t most_buffered = 0;
    std::size_t queued = 0;
    std::size_t most_queued = 0;
    std::uint64_t times_held_back = 0;
    std::string held_back_by = {};
    waiting_time const* for_events = nullptr;
    waiting_time const* for_demand = nullptr;
    waiting_time const* for_takers = nullptr;
};

/// Terms of a subscription that depend on the type of the events: a selector, a partition's key.
struct typed_terms {
    virtual ~typed_terms() = default;
};

// The messages of a link. Bases, each of a type of its own, so that a message leads to its link without a pointer.
struct subscribe_part : message {
    using message::message;
};
struct ask_part : message {
    using message::message;
};
struct cancel_part : message {
    using message::message;
};
struct end_part : message {
    using message::message;
};
struct acknowledge_part : message {
    using message::message;
};

/// The demand channel of one subscription: batches one way, demand the other, one end.
///
/// Each side belongs to its stage's strand, and the sides speak by messages alone: subscribe, ask, cancel to the
/// producer; events, end to the consumer. All but the batches are part of the link, so that none allocates. Each
/// message holds the link while it is under way. The producer's `end` is the last thing that crosses, whoever gave the
/// subscription up: the consumer keeps the link until then.
///
/// An ask, the one message that is sent again and again, is not counted among those that hold the link: who lets go of
/// it last leaves it to the ask, if one is under way.
class SLUICE_API link : subscribe_part, ask_part, cancel_part, end_part, acknowledge_part {
public:
    friend void intrusive_ptr_add_ref(link const* l) noexcept { l->holders_.fetch_add(1, std::memory_order_relaxed); }
    friend void intrusive_ptr_release(link const* l) noexcept {
        if (l->holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) const_cast<link*>(l)->nobody_holds_it();
    }

    link(link const&) = delete;
    auto operator=(link const&) -> link& = delete;
    link(strand_ptr producer, outlet_base& out, strand_ptr consumer, inlet_base& in, subscribe_options const& options,
         std::shared_ptr<typed_terms const> terms = nullptr);

    // From any thread. Each is idempotent as the protocol says: asks add up, only the first cancel and end count.
    void subscribe() noexcept;
    void ask(std::size_t n) noexcept;
    void cancel(end_reason reason) noexcept;
    void end(end_reason reason) noexcept;
    /// Gives this one up for another one, which was not subscribed yet. At the same producer they change places in one
    /// step, so that it is not without a consumer in between.
    void replace(end_reason reason, link& successor) noexcept;
    /// The consumer has processed n more events; for subscriptions with redelivery, whose producer wants to know.
    void acknowledge(std::size_t n) noexcept;
    // With redelivery, when either side ends: who sees to what was sent and not acknowledged. The first to call
    // decides.
    /// The consumer is no more. true: the producer sees to it.
    auto consumer_goes() noexcept -> bool { return decide(custody::producer); }
    /// The producer drops the subscription. true: the consumer sees to it.
    auto producer_lets_go() noexcept -> bool { return decide(custody::consumer); }

    auto options() const noexcept -> subscribe_options const& { return options_.get(); }
    auto terms() const noexcept -> typed_terms const* { return terms_.get(); }
    auto shared_terms() const noexcept -> std::shared_ptr<typed_terms const> const& { return terms_; }
    auto producer() const noexcept -> strand& { return *producer_; }
    auto consumer() const noexcept -> strand& { return *consumer_; }
    auto inlet() const noexcept -> inlet_base& { return *in_; }
    auto outlet() const noexcept -> outlet_base& { return *out_; }
    /// What handles a batch that comes over it.
    auto events_handler() const noexcept -> message::handler { return events_; }

    /// A producer that has ended tells it how, as if it had subscribed before. Set before it subscribes.
    bool comes_late = false;

    // The producer's notes; its strand alone.
    subscriber_id id = 0;
    bool attached = false;    // so the producer holds it
    message* open = nullptr;  // the batch that is being filled for it

    // The consumer's notes; its strand alone.
    core::subscription_id subscription;
    bool producer_keeps = false;  // what was sent and not acknowledged; it is not lost when it is thrown away here
    link_meter meter;

    // What the last cancel and the end say; read by whoever handles that message.
    auto cancel_reason() const noexcept -> end_reason const& { return cancel_reason_; }
    auto acknowledged() const noexcept -> std::uint64_t { return acknowledged_.load(std::memory_order_acquire); }
    auto is_cancelled() const noexcept -> bool {
        leave(footprint::reads, &cancel_sent_);
        return cancel_sent_.load(std::memory_order_relaxed);
    }
    auto reason() const noexcept -> end_reason const& { return end_reason_; }

    /// The end among an inlet's queued batches.
    auto end_message() noexcept -> message& { return part_of<end_part>(); }
    static auto of_end(message& m) noexcept -> link& { return of<end_part>(m); }

private:
    template <class Part>
    auto part_of() noexcept -> message& {
        return static_cast<Part&>(*this);
    }
    template <class Part>
    static auto of(message& m) noexcept -> link& {
        return static_cast<link&>(static_cast<Part&>(m));
    }

    enum class custody : unsigned char { both, producer, consumer };
    auto decide(custody wanted) noexcept -> bool;

    ~link() = default;
    void nobody_holds_it() noexcept;
    void send(message& part, strand& to) noexcept;
    static void on_subscribe(message& m, bool run) noexcept;
    static void on_ask(message& m, bool run) noexcept;
    static void on_cancel(message& m, bool run) noexcept;
    static void on_end(message& m, bool run) noexcept;
    static void on_acknowledge(message& m, bool run) noexcept;

    // In asked_: the link belongs to its ask message. Nobody can ask for that many.
    static constexpr auto orphaned = std::numeric_limits<std::size_t>::max();

    mutable std::atomic<std::size_t> holders_ = 0;
    std::atomic<std::size_t> asked_ = 0;  // not yet seen by the producer; its message is under way when this is not 0
    std::atomic<bool> cancel_sent_ = false;
    std::atomic<bool> acknowledge_sent_ = false;  // and not seen by the producer
    std::atomic<custody> custody_ = custody::both;
    std::atomic<bool> end_sent_ = false;
    std::atomic<std::uint64_t> acknowledged_ = 0;
    end_reason cancel_reason_;
    link_ptr successor_;  // subscribes when the cancel is handled
    end_reason end_reason_;

    strand_ptr producer_;
    strand_ptr consumer_;
    message::handler events_;
    outlet_base* out_;  // alive while producer_ is
    inlet_base* in_;    // alive while consumer_ is
    kept_options options_;
    std::shared_ptr<typed_terms const> terms_;
};

/// The producer's end of its links, as they see it.
class outlet_base {
public:
    virtual void on_subscribe(link& l) noexcept = 0;
    virtual void on_ask(link& l, std::size_t n) noexcept = 0;
    virtual void on_cancel(link& l) noexcept = 0;
    virtual void on_replace(link& l, link& successor) noexcept = 0;
    virtual void on_acknowledge(link& l) noexcept = 0;

    /// The stage has ended: gives what is left to `on_discard`, tells every consumer.
    virtual void close(end_reason const& reason) noexcept = 0;
    /// Nothing waits for a consumer any more.
    virtual auto is_drained() const noexcept -> bool = 0;
    /// The stage's body has ended normally; finish() is to be called when everything is drained.
    virtual void drain() noexcept = 0;
    /// The stage is being stopped: what waits here fails with operation_aborted.
    virtual void stop() noexcept = 0;
    /// The context is going.
    virtual void abandon() noexcept = 0;
    /// Its numbers, from any thread.
    virtual void tell(stage_numbers& numbers) const = 0;

    /// Waits for later consumers when the last one has left, from now on.
    virtual void keep_open() noexcept = 0;
    /// No consumer will come any more: without one, the body is told so.
    virtual void let_end() noexcept = 0;
    /// Asks the body to end: it is told that no more is wanted, and what it has emitted is still delivered.
    virtual void wind_down() noexcept = 0;
    virtual void set_flow(demand_flow flow) = 0;

protected:
    ~outlet_base() = default;
};

/// The consumer's end of its links, as they see it.
class inlet_base {
public:
    /// `events`: what handles a message that is a batch. Its producer takes it from here, for the same function of a
    /// template has another address in each library that hides its symbols.
    explicit inlet_base(message::handler events) noexcept : events_(events) {}
    auto events_handler() const noexcept -> message::handler { return events_; }

    virtual void on_end(link& l) noexcept = 0;
    /// The user asks for n more events on a subscription with manual demand.
    virtual void ask(link& l, std::size_t n) noexcept = 0;
    /// A place to wait until `l` has ended; null when it has.
    virtual auto end_wait(link& l) -> wait_slot* = 0;

    virtual void start() noexcept = 0;
    virtual void close(end_reason const& reason) noexcept = 0;
    virtual void stop() noexcept = 0;
    virtual void abandon() noexcept = 0;
    /// Its numbers and its subscriptions, from any thread.
    virtual void tell(stage_numbers& numbers) const = 0;
    virtual void tell(std::vector<link_ptr>& links) const = 0;

    /// Does not end when its subscriptions have, from now on.
    virtual void keep_open() noexcept = 0;
    /// No subscription will come any more: ends when those that there are have.
    virtual void let_end() noexcept = 0;
    /// Gives its subscriptions up; what was sent to them still arrives.
    virtual void leave() noexcept = 0;
    /// Adds a subscription while the stage lives; false when it has ended.
    virtual auto join(boost::intrusive_ptr<link> l) -> bool = 0;
    /// The subscriptions that it was made with. Before the stage runs.
    virtual auto links() const -> std::vector<boost::intrusive_ptr<link>> = 0;

protected:
    ~inlet_base() = default;

private:
    message::handler events_;
};

}  // namespace sluice::detail
