// Whether the memory of a flow is flat, however long it runs.
//   flat_memory CASE EVENTS
// Runs the flow of a case over a tenth of the events, notes the peak of the resident memory, and runs it over all of
// them: fails if the peak has grown by more than is allowed. What a flow may keep is bounded by its options and by its
// keys, of which a tenth of the events shows all.
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace flow = sluice::flow;
using namespace std::chrono_literals;
using number = std::uint64_t;

constexpr long allowed_kb = 8 * 1024;

/// Numbers in no order, the same ones each time. Vigna: splitmix64.
auto mixed(number n) -> number {
    n += 0x9e3779b97f4a7c15u;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
    return n ^ (n >> 31);
}

/// Endless.
auto naturals() {
    return flow::from([next = number{0}]() mutable { return std::optional(next++); });
}
/// So many, in no order.
auto random_numbers(number events) { return naturals() | flow::take(events) | flow::map(mixed); }

void expect(bool holds, char const* what) {
    if (!holds) throw std::runtime_error(what);
}

void map_only(number events, sluice::thread_pool& pool) {
    auto const f = naturals() | flow::map([](number n) { return n + 1; }) |
                   flow::filter([events](number n) { return n == events; });
    expect(flow::first(f, pool) == events, "the event that was waited for");
}

void exchanged(number events, sluice::thread_pool& pool) {
    auto const f = random_numbers(events) | flow::shuffle({.stages = 2}) | flow::map(mixed) |
                   flow::partition({.stages = 2}) | flow::filter([](number n) { return n % 2 == 0; });
    expect(flow::count(f, pool) > events / 3, "about half of them");
}

void take_sort(number events, sluice::thread_pool& pool) {
    auto const f = random_numbers(events) | flow::partition({.stages = 2}) | flow::take_sort(1000);
    expect(flow::collect(f, pool).at(0).size() == 1000, "the first thousand");
}

/// Behind count_by: each event was counted once.
template <class F>
void counted_once(F const& counts, number events, sluice::thread_pool& pool) {
    auto const each = counts | flow::map([](std::pair<number, std::size_t> const& entry) { return entry.second; });
    expect(flow::sum(each, pool) == events, "each event in the count of its key");
}

void reduce_by_key(number events, sluice::thread_pool& pool) {
    auto const key = [](number n) { return n % 20'000; };
    counted_once(random_numbers(events) | flow::count_by(key, {.stages = 2, .combine_keys = 1000}), events, pool);
}

void reduce_with_a_table_for_all(number events, sluice::thread_pool& pool) {
    auto const key = [](number n) { return n % 3000; };
    counted_once(random_numbers(events) | flow::count_by(key, {.stages = 2}), events, pool);
}

// Windows over event time: an event each millisecond, somewhat out of order.

struct request {
    std::int64_t at;
    number user;
};
auto requests(number events) {
    return naturals() | flow::take(events) | flow::map([](number n) {
               return request{static_cast<std::int64_t>(n + mixed(n) % 50), mixed(n) % 1000};
           });
}
void count(number& sum, request const&) { ++sum; }
void add(number& sum, number more) { sum += more; }

template <class F>
void counts_all(F const& counts, number events, sluice::thread_pool& pool) {
    expect(flow::sum(counts, pool) == events, "each event in its windows, and none is late");
}

constexpr flow::event_window_options somewhat_out_of_order{.lateness = 1s, .out_of_order = 100ms};

void count_windows(number events, sluice::thread_pool& pool) {
    auto const f =
        requests(events) | flow::shuffle({.stages = 2}) | flow::count_windows(100) | flow::reduce(number{0}, count);
    counts_all(f, events, pool);
}

/// With what is late kept for a while; only the last of a window's firings counts here.
void fixed_windows(number events, sluice::thread_pool& pool) {
    auto const when_done = [](number const& sum, flow::trigger_info const& info) {
        return std::vector<number>(info.trigger == flow::trigger_name::done() ? 1 : 0, sum);
    };
    auto const f = requests(events) | flow::partition({.stages = 2}, &request::user) |
                   flow::fixed_windows(100ms, &request::at, somewhat_out_of_order) | flow::reduce(number{0}, count) |
                   flow::on_trigger(when_done);
    counts_all(f, events, pool);
}

void sliding_windows(number events, sluice::thread_pool& pool) {
    auto const f = requests(events) | flow::partition({.stages = 2}, &request::user) |
                   flow::sliding_windows(200ms, 100ms, &request::at, {.out_of_order = 100ms}) |
                   flow::reduce(number{0}, count);
    counts_all(f, 2 * events, pool);
}

void session_windows(number events, sluice::thread_pool& pool) {
    auto const f = requests(events) | flow::partition({.stages = 2}, &request::user) |
                   flow::session_windows(1s, &request::at, &request::user, add, {.out_of_order = 100ms}) |
                   flow::reduce(number{0}, count);
    counts_all(f, events, pool);
}

struct named_case {
    std::string_view name;
    void (*run)(number events, sluice::thread_pool& pool);
};
constexpr named_case cases[] = {
    {"map_only", map_only},
    {"exchanged", exchanged},
    {"take_sort", take_sort},
    {"reduce_by_key", reduce_by_key},
    {"reduce_with_a_table_for_all", reduce_with_a_table_for_all},
    {"count_windows", count_windows},
    {"fixed_windows", fixed_windows},
    {"sliding_windows", sliding_windows},
    {"session_windows", session_windows},
};

auto peak_kb() -> long {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

auto check(named_case const& one, number events) -> bool {
    sluice::thread_pool pool(2);
    one.run(events / 10, pool);
    auto const before = peak_kb();
    auto const began = std::chrono::steady_clock::now();
    one.run(events, pool);
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - began;
    auto const more = peak_kb() - before;
    bool const held = more <= allowed_kb;
    std::cout << one.name << ": peak of " << before / 1024 << " MB for " << events / 10 << " events, " << more
              << " kB more for " << events << " (in " << took.count() << " s), allowed " << allowed_kb
              << " kB: " << (held ? "held" : "EXCEEDED") << '\n';
    return held;
}

}  // namespace

auto main(int count, char** arguments) -> int {
    std::string_view const name = count == 3 ? arguments[1] : "";
    for (auto const& each : cases) {
        if (each.name == name) return check(each, std::strtoull(arguments[2], nullptr, 10)) ? 0 : 1;
    }
    std::cerr << "usage: flat_memory CASE EVENTS, where CASE is one of";
    for (auto const& each : cases) std::cerr << ' ' << each.name;
    std::cerr << '\n';
    return 2;
}
