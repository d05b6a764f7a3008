// One event goes to another coroutine, which adds 1 and sends it back; and so on.

#include <memory>
#include <sluice/sluice.hpp>
#include <vector>

#include "bench.hpp"
#include "channel.hpp"

namespace sluice::benchmarks {
namespace {

using event = std::uint64_t;

// --- The limit: a call that is given a fresh vector and returns one --------------------------------------------------

[[gnu::noinline]] auto answer(std::vector<event> const& question) -> std::vector<event> {
    return {question.front() + 1};
}

auto loop(event last) -> event {
    event value = 0;
    while (value < last) {
        std::vector<event> const question{value};
        value = answer(question).front();
    }
    return value;
}

// --- Sluice: two stages, each a consumer of the other
// ------------------------------------------------------------------

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
// -------------------------

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

// --- Channels
// ----------------------------------------------------------------------------------------------------------

auto channel_asking(channel<event>& in, channel<event>& out, event last) -> asio::awaitable<event> {
    event value = 0;
    while (value < last) {
        co_await out.send(value);
        auto const got = co_await in.receive();
        value = *got;
    }
    co_await out.send_end();
    co_return value;
}
auto channel_answering(channel<event>& in, channel<event>& out) -> asio::awaitable<void> {
    while (auto question = co_await in.receive()) co_await out.send(*question + 1);
}

auto channels(asio::io_context& context, event last) -> event {
    asio::any_io_executor const here(asio::make_strand(context));
    asio::any_io_executor const there(asio::make_strand(context));
    channel<event> questions(there, 1);
    channel<event> answers(here, 1);
    auto end = asio::co_spawn(here, channel_asking(answers, questions, last), asio::use_future);
    auto answered = asio::co_spawn(there, channel_answering(questions, answers), asio::use_future);
    answered.get();
    return end.get();
}

}  // namespace

auto there_and_back_row() -> row {
    constexpr event times = 50'000;
    auto const pool = std::make_shared<thread_pool>(2);
    row result;
    result.unit = "round trip";
    result.units = times;
    result.expected = times;
    result.wanted = {std::nullopt, 3.0};
    result.ways.push_back({way::part::ours, "sluice, two stages", [=] { return stages(*pool, times); }});
    result.ways.push_back(
        {way::part::note, "sluice, intake, stage and stream", [=] { return intake_and_stream(*pool, times); }});
    result.ways.push_back({way::part::limit, "call with fresh vectors", [=] { return loop(times); }});
    result.ways.push_back(
        {way::part::channels, "concurrent_channel", [=] { return channels(pool->context(), times); }});
    return result;
}

}  // namespace sluice::benchmarks
