// One event goes to another coroutine, which adds 1 and sends it back; and so on.

#include <atomic>
#include <coroutine>
#include <exception>
#include <memory>
#include <sluice/sluice.hpp>
#include <thread>
#include <utility>

#include "bench.hpp"
#include "channel.hpp"
#include "peers.hpp"
#include "work.hpp"

namespace sluice::benchmarks {

/// What two coroutines hand to each other, and whose turn it is.
struct exchanged {
    event value = 0;
    std::coroutine_handle<> next;
};
/// Lets the other one go on; answers what that one left. It is not resumed from here, because GCC only makes that a
/// jump when it optimizes, and calls would pile up else.
struct turn {
    exchanged& slot;
    std::coroutine_handle<>& other;

    static auto await_ready() noexcept -> bool { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { slot.next = other; }
    auto await_resume() const noexcept -> event { return slot.value; }
};
/// Does not start by itself, and destroys its coroutine.
struct lean_coroutine {
    struct promise_type {
        auto get_return_object() -> lean_coroutine {
            return lean_coroutine(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        static auto initial_suspend() noexcept -> std::suspend_always { return {}; }
        static auto final_suspend() noexcept -> std::suspend_always { return {}; }
        static void return_void() {}
        [[noreturn]] static void unhandled_exception() { std::terminate(); }
    };

    explicit lean_coroutine(std::coroutine_handle<> started) : handle(started) {}
    lean_coroutine(lean_coroutine const&) = delete;
    auto operator=(lean_coroutine const&) -> lean_coroutine& = delete;
    ~lean_coroutine() { handle.destroy(); }

    std::coroutine_handle<> handle;
};

namespace {

// --- The limit: two coroutines of one thread, in turn ----------------------------------------------------------------

auto lean_asking(exchanged& slot, std::coroutine_handle<>& other, event last) -> lean_coroutine {
    event value = 0;
    while (value < last) {
        slot.value = value;
        turn const others{slot, other};
        value = co_await others;
    }
}
auto lean_answering(exchanged& slot, std::coroutine_handle<>& other) -> lean_coroutine {
    for (;;) {
        slot.value += 1;
        turn const others{slot, other};
        co_await others;
    }
}

auto two_coroutines(event last) -> event {
    exchanged slot;
    std::coroutine_handle<> asker;
    std::coroutine_handle<> answerer;
    auto const asks = lean_asking(slot, answerer, last);
    auto const answers = lean_answering(slot, asker);
    asker = asks.handle;
    answerer = answers.handle;
    slot.next = asker;
    while (!asker.done()) slot.next.resume();
    return slot.value;
}

// --- Two threads that look at one number until it is theirs ----------------------------------------------------------

auto two_spinning(event last) -> event {
    std::atomic<event> slot{0};  // odd: a question; even: its answer
    std::thread other([&] {
        spinning wait;
        for (event i = 0; i < last; ++i) {
            while (slot.load(std::memory_order_acquire) != 2 * i + 1) wait();
            slot.store(2 * i + 2, std::memory_order_release);
        }
    });
    spinning wait;
    for (event i = 0; i < last; ++i) {
        slot.store(2 * i + 1, std::memory_order_release);
        while (slot.load(std::memory_order_acquire) != 2 * i + 2) wait();
    }
    other.join();
    return slot.load() / 2;
}

// --- Sluice: two stages, each a consumer of the other
// -------------------------------------------------------------------

auto asking(inlet<event>& in, outlet<event>& out, event last, event& end) -> asio::awaitable<void> {
    event value = 0;
    while (value < last) {
        co_await out.emit(value);
        auto answers = co_await in.receive();
        if (!answers) co_return;
        value = answers->front();
    }
    end = value;
}
auto answering(inlet<event>& in, outlet<event>& out) -> asio::awaitable<void> {
    while (auto questions = co_await in.receive()) {
        for (event const each : *questions) co_await out.emit(each + 1);
    }
}

auto stages(thread_pool& pool, event last) -> event {
    event end = 0;
    producer_consumer<event, event> asker(pool, sources<event>(), asking, last, std::ref(end));
    producer_consumer<event, event> answerer(pool, from(asker), answering);
    asker.async_subscribe(answerer, {}, asio::use_future).get();
    run(asker, answerer);
    return end;
}

// --- Sluice: a coroutine outside any stage, which asks one by an intake and hears it by a stream
// ----------------------

auto ask_outside(intake<event>& questions, stream<event>& answers, event last) -> asio::awaitable<event> {
    event value = 0;
    while (value < last) {
        co_await questions.emit(value);
        auto got = co_await answers.receive();
        if (!got) break;
        value = got->front();
    }
    questions.close();
    co_return value;
}

auto intake_and_stream(thread_pool& pool, event last) -> event {
    intake<event> questions(pool);
    producer_consumer<event, event> answerer(pool, from(questions), answering);
    stream<event> answers(pool, from(answerer));
    auto ended = async_run(answerer, asio::use_future);
    auto value =
        asio::co_spawn(asio::make_strand(pool.context()), ask_outside(questions, answers, last), asio::use_future);
    auto const end = value.get();
    ended.get();
    return end;
}

// --- Channels --------------------------------------------------------------------------------------------------------

template <manner How>
auto channel_asking(channel<event, How>& in, channel<event, How>& out, event last) -> asio::awaitable<event> {
    event value = 0;
    while (value < last) {
        bool const sent = out.offer(value);
        if (!sent) co_await out.send(value);
        auto got = in.poll();
        if (!got) got = co_await in.receive();
        value = std::get<1>(*got);
    }
    co_await out.send_end();
    co_return value;
}
template <manner How>
auto channel_answering(channel<event, How>& in, channel<event, How>& out) -> asio::awaitable<void> {
    for (;;) {
        auto got = in.poll();
        if (!got) got = co_await in.receive();
        auto& [error, value] = *got;
        if (error) break;
        ++value;
        bool const sent = out.offer(value);
        if (!sent) co_await out.send(value);
    }
}

template <manner How>
auto channels(asio::io_context& context, event last) -> event {
    asio::any_io_executor const here(asio::make_strand(context));
    asio::any_io_executor const there(asio::make_strand(context));
    channel<event, How> questions(there, 1);
    channel<event, How> answers(here, 1);
    auto end = asio::co_spawn(here, channel_asking<How>(answers, questions, last), asio::use_future);
    auto answered = asio::co_spawn(there, channel_answering<How>(questions, answers), asio::use_future);
    answered.get();
    return end.get();
}

}  // namespace

auto there_and_back_row() -> row {
    constexpr event times = 50'000;
    auto const threads = std::make_shared<two_threads>();
    row result;
    result.unit = "round trip";
    result.units = times;
    result.expected = times;
    result.wanted.at_most_ns = 250;
    result.ways = {
        {way::part::ours, "sluice, two stages", [=] { return stages(threads->pool(), times); }},
        {way::part::note, "sluice, intake, stage and stream",
         [=] { return intake_and_stream(threads->pool(), times); }},
        {way::part::limit, "two coroutines of one thread", [=] { return two_coroutines(times); }},
        {way::part::ring, "two threads, spinning", [=] { return two_spinning(times); }},
        {way::part::channels, channels_documented,
         [=] { return channels<manner::documented>(threads->context(), times); }},
        {way::part::channels, channels_try_first,
         [=] { return channels<manner::try_first>(threads->context(), times); }},
    };
    add_there_and_back_peers(result, times);
    return result;
}

}  // namespace sluice::benchmarks
