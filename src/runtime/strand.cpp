#include <algorithm>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <sluice/detail/strand.hpp>
#include <utility>

#include "strand_service.hpp"

namespace sluice::detail {
namespace {

// Marks for the inbox; never handled. idle: no turn is due. closed: the context is gone.
struct mark final : message {
    mark() : message(nullptr) {}
};
mark idle_instance;
mark closed_instance;

auto idle() noexcept -> message* { return &idle_instance; }
auto closed() noexcept -> message* { return &closed_instance; }

// Turns longer than this (about 20 microseconds) make it worth calling in another thread: waking one and moving what a
// batch touches to its cache costs some microseconds. docs/design/waking.md tells more.
constexpr std::uint64_t heavy_ticks = 50'000;

// How long a turn of many operations may be: those who were woken in it wait for its end. Longer than what counts as
// heavy, so that a strand does not become light by being interrupted.
constexpr std::uint64_t slice_ticks = 2 * heavy_ticks;

// A single operation that is longer than this: nobody shall wait for its end, whatever the other thread costs.
constexpr std::uint64_t long_operation_ticks = 4 * heavy_ticks;

// How many turns a thread takes before it lets the executor's other handlers run.
constexpr int turns_per_handler = 64;

thread_local strand* running = nullptr;

// Executors cannot be compared cheaply, numbers can: strands whose executors were found equal once share one from then
// on.
auto new_executor_number() noexcept -> std::uint64_t {
    static std::atomic<std::uint64_t> last = 0;
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

// The strands that were woken in this thread and shall go on here. They own a reference to themselves while due.
struct ready_list {
    strand* head = nullptr;
    strand** tail = &head;
    asio::any_io_executor executor;
    std::uint64_t executor_number = 0;

    ready_list() = default;
    ready_list(ready_list&& other) noexcept
        : executor(std::move(other.executor)), executor_number(other.executor_number) {
        take(other);
    }
    auto operator=(ready_list&&) -> ready_list& = delete;
    ~ready_list() {
        while (head) pop().lose_turn();
    }

    auto empty() const noexcept -> bool { return head == nullptr; }
    void push(strand& s) noexcept {
        s.next_ready_ = nullptr;
        *tail = &s;
        tail = &s.next_ready_;
    }
    auto pop() noexcept -> strand& {
        strand& s = *head;
        head = s.next_ready_;
        if (!head) tail = &head;
        return s;
    }
    void take(ready_list& other) noexcept {
        if (other.empty()) return;
        *tail = std::exchange(other.head, nullptr);
        tail = std::exchange(other.tail, &other.head);
    }

    static void hand_to_executor(strand& s);
    static void go_on_later(ready_list&& list);
    void run();
};

namespace {

thread_local ready_list* here = nullptr;

// The handler that runs strands on the executor. It owns their turns: destroyed without having run, they are lost.
class turn_handler {
public:
    explicit turn_handler(ready_list&& list) : list_(std::move(list)) {}
    void operator()() { list_.run(); }

private:
    ready_list list_;
};

}  // namespace

void ready_list::hand_to_executor(strand& s) {
    ready_list one;
    one.executor = s.inner_;
    one.executor_number = s.executor_number_;
    one.push(s);
    auto executor = one.executor;
    executor.execute(turn_handler(std::move(one)));
}

void ready_list::go_on_later(ready_list&& list) {
    auto executor = asio::prefer(list.executor, asio::execution::relationship.continuation);
    executor.execute(turn_handler(std::move(list)));
}

void ready_list::run() {
    auto* outer = std::exchange(here, this);
    int most = turns_per_handler;
    if (running) {  // a stage on the executor of another one: the limits must not multiply
        most = 1;
        running->yield_turn();
    }
    auto now = head->world_->ticks();
    for (int turns = 0; !empty() && turns < most; ++turns) {
        strand& next = pop();
        if (next.is_heavy() && !empty()) {  // the others need not wait for it
            ready_list rest;
            rest.take(*this);
            while (!rest.empty()) hand_to_executor(rest.pop());
        }
        next.turn(now);
    }
    here = outer;
    if (!empty()) go_on_later(std::move(*this));
}

strand::strand(asio::any_io_executor const& executor)
    : inbox_(idle()),
      operation_cost_(slice_ticks / 2),  // unknown: few of them at first
      average_turn_(heavy_ticks + 1),    // unknown: nobody shall wait behind it
      executor_number_(new_executor_number()),
      inner_(asio::require(executor, asio::execution::blocking.never)),
      context_(&asio::query(executor, asio::execution::context)),
      world_(&environment::of(*context_)) {
    ticks_tell_time_ = world_->ticks_tell_time();
    service_ = &asio::use_service<strand_service>(*context_);
    service_->add(*this);
    leave(footprint::begins, this);
    leave(footprint::begins, &inbox_);
}

strand::~strand() {
    if (service_) service_->remove(*this);
    drop_messages();
}

auto strand::idle_mark() noexcept -> message* { return idle(); }

auto strand::running_here() const noexcept -> bool { return running == this; }

void strand::send(message& m) noexcept {
    if (leaves_footprints()) [[unlikely]] {
        send_and_tell(m);
        return;
    }
    put(m);
}

// Apart, so that send() has nothing to save across a call.
void strand::send_and_tell(message& m) noexcept {
    tell_footprint(footprint::writes, &inbox_);
    tell_footprint(footprint::sends, &m);
    put(m);
}

inline void strand::put(message& m) noexcept {
    if (running == this) {
        local_.push(m);
        return;
    }
    auto* head = inbox_.load(std::memory_order_acquire);
    do {
        if (head == closed()) {
            m.handle(m, false);
            return;
        }
        m.next = head == idle() ? nullptr : head;
    } while (!inbox_.compare_exchange_weak(head, &m, std::memory_order_acq_rel, std::memory_order_acquire));
    if (head == idle()) schedule();
}

void strand::at_turn_end(turn_end& hook) noexcept {
    if (std::exchange(hook.registered_, true)) return;
    hook.next_ = std::exchange(turn_ends_, &hook);
}

void strand::schedule() noexcept {
    intrusive_ptr_add_ref(this);  // a due turn keeps the strand alive
    bool const go_on_here = here && world_->may_continue_here() && !(running && is_worth_another_thread(*running)) &&
                            shares_executor(*here);
    if (go_on_here) {
        here->push(*this);
    } else {
        ready_list::hand_to_executor(*this);
    }
}

auto strand::shares_executor(ready_list const& list) noexcept -> bool {
    if (list.executor_number == executor_number_) return true;
    if (list.executor != inner_) return false;
    executor_number_ = list.executor_number;
    return true;
}

auto strand::is_heavy() const noexcept -> bool { return average_turn_ > heavy_ticks; }

// To wake a thread for a light strand costs its waker more than that strand's turn takes.
auto strand::is_worth_another_thread(strand const& waker) const noexcept -> bool {
    return waker.is_heavy() && (is_heavy() || waker.operation_cost_ > long_operation_ticks);
}

auto strand::affordable_operations() const noexcept -> std::size_t {
    auto const most = world_->operations_per_turn();
    if (turn_began_ == 0) return most;  // no ticks: time does not matter here
    return std::min<std::size_t>(most,
                                 std::max<std::uint64_t>(1, slice_ticks / std::max<std::uint64_t>(1, operation_cost_)));
}

// One long turn among short ones is a thread that lost its processor, not a heavy strand: so it counts for little.
void strand::note_turn(std::uint64_t began, std::uint64_t ended) noexcept {
    average_turn_ = (average_turn_ * 7 + std::min(ended - began, 4 * heavy_ticks)) / 8;
    auto const pieces = operations_granted_ - operations_left_ + 1;  // into which operations have divided the turn
    operation_cost_ = (operation_cost_ * 7 + std::min((ended - began) / pieces, 2 * long_operation_ticks)) / 8;
    if (auto* wait = std::exchange(begun_wait_, nullptr); wait && wait->since != 0) wait->begin(world_->moment(ended));
}

void strand::refill() noexcept {
    if (!inbox_.load(std::memory_order_relaxed)) return;  // the common case, without a read-modify-write
    auto* newest = inbox_.exchange(nullptr, std::memory_order_acquire);
    if (newest == closed()) {  // abandoned in the middle of a turn: cannot be, but stay closed
        inbox_.store(closed(), std::memory_order_relaxed);
        return;
    }
    message* oldest = nullptr;
    while (newest) {
        auto* next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        auto* next = oldest->next;
        local_.push(*oldest);
        oldest = next;
    }
}

void strand::run_turn_ends() noexcept {
    while (turn_ends_) {
        auto* hook = std::exchange(turn_ends_, nullptr);
        while (hook) {
            auto* next = hook->next_;
            hook->registered_ = false;
            hook->turn_ends();
            hook = next;
        }
    }
}

void strand::turn(std::uint64_t& now) noexcept {
    auto* outer = std::exchange(running, this);
    auto const began = turn_began_ = now;
    messages_left_ = world_->messages_per_turn();
    operations_granted_ = operations_left_ = affordable_operations();
    bool const told = leaves_footprints();
    if (told) tell_footprint(footprint::turns, this);
    if (!local_.empty()) refill();  // what it sends to itself in every turn must not keep out what others have sent
    for (;;) {
        if (local_.empty()) refill();
        if (local_.empty()) {  // had others sent before, it would not be
            if (told) tell_footprint(footprint::writes, &inbox_);
            run_turn_ends();
        }
        if (local_.empty()) {
            now = world_->ticks();
            note_turn(began, now);
            running = outer;
            message* none = nullptr;
            if (inbox_.compare_exchange_strong(none, idle(), std::memory_order_acq_rel, std::memory_order_acquire)) {
                intrusive_ptr_release(this);  // from here on it may be gone
                return;
            }
            running = this;
            continue;
        }
        message& m = local_.pop();
        if (told) tell_footprint(footprint::takes, &m);
        m.handle(m, true);
        if (messages_left_ == 0 || --messages_left_ == 0) break;
    }
    run_turn_ends();
    now = world_->ticks();
    note_turn(began, now);
    running = outer;
    if (here && world_->may_continue_here()) {
        here->push(*this);
    } else {
        ready_list::hand_to_executor(*this);
    }
}

void strand::lose_turn() noexcept {
    // The strand stays marked as due, so nobody schedules it again; abandon() or the destructor drops what it holds.
    intrusive_ptr_release(this);
}

void strand::drop_messages() noexcept {
    auto* m = inbox_.exchange(closed(), std::memory_order_acquire);
    while (m && m != idle() && m != closed()) {
        auto* next = m->next;
        m->handle(*m, false);
        m = next;
    }
    drop_local();
}

void strand::drop_local() noexcept {
    while (!local_.empty()) {
        message& left = local_.pop();
        left.handle(left, false);
    }
}

void strand::abandon() noexcept {
    auto* outer = std::exchange(running, this);
    drop_messages();
    while (turn_ends_) {
        auto* hook = std::exchange(turn_ends_, turn_ends_->next_);
        hook->registered_ = false;
    }
    abandoned();
    drop_local();  // what dropping sent to itself
    running = outer;
    inner_ = asio::any_io_executor();
    service_ = nullptr;
}

auto make_work(asio::any_io_executor const& executor) -> work_guard {
    if (!executor) return {};
    return asio::prefer(executor, asio::execution::outstanding_work.tracked);
}

}  // namespace sluice::detail
