// What a consumer has asked for and not worked on, over time, for several choices of max_demand and min_demand. Real
// stages in virtual time, so the numbers are the same in every run.
//     demand_over_time                  prints how long 40 events take
//     demand_over_time --draw FILE      draws two of the runs, as SVG
//     demand_over_time --check FILE     fails if that file holds another drawing
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <sluice/sluice.hpp>
#include <sluice/testing/testing.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr int events_of_a_run = 40;

// [readme:stages]
// What is asked for comes three milliseconds later, as from a database on another machine.
auto warehouse(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        const bool still_wanted = co_await out.pause_until(out.now() + 3ms);
        if (!still_wanted) co_return;
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}

// A millisecond of work for each event.
auto worker(sluice::inlet<int>& in, std::size_t& worked) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (std::size_t i = 0; i < events->size(); ++i) {
            co_await in.pause_until(in.now() + 1ms);
            ++worked;
        }
    }
}
// [readme:end]

struct moment {
    long ms = 0;
    std::size_t asked = 0;    // ever
    std::size_t arrived = 0;  // ever
    std::size_t worked = 0;   // ever

    auto on_its_way() const { return asked - arrived; }
    auto at_the_consumer() const { return arrived - worked; }
    friend auto operator==(moment const&, moment const&) -> bool = default;
};

struct recording {
    std::size_t max = 0;
    std::size_t min = 0;
    long ms = 0;
    int asks = 0;
    std::vector<moment> moments = {};
};

auto record(std::size_t max, std::size_t min) -> recording {
    recording result{max, min};
    std::size_t worked = 0;
    bool ended = false;
    sluice::testing::fifo_chooser order;
    sluice::testing::simulation world{order, sluice::testing::order_alone()};
    // [readme:terms]
    sluice::producer<int> stored{world, warehouse, 0, events_of_a_run};
    sluice::consumer<int> working{world, sluice::from(stored, {.max_demand = max, .min_demand = min}), worker,
                                  std::ref(worked)};
    // [readme:end]
    sluice::async_run(stored, working, [&](std::exception_ptr error) { ended = !error; });
    while (world.step()) {
        auto const ms = std::chrono::duration_cast<milliseconds>(world.elapsed()).count();
        if (worked == events_of_a_run && result.ms == 0) result.ms = ms;
        auto const stats = working.stats();
        if (ended || stats.subscriptions.empty()) continue;
        auto const& terms = stats.subscriptions.front();
        moment const now{ms, terms.received + terms.awaited, terms.received, worked};
        if (now.asked > (result.moments.empty() ? 0 : result.moments.back().asked)) ++result.asks;
        if (result.moments.empty() || now != result.moments.back()) result.moments.push_back(now);
    }
    return result;
}

// --- The drawing ---------------------------------------------------------------------------------------------------

constexpr int left = 60, width = 15, height = 11;  // of a panel: its margin; of a millisecond and of an event

// A line through one number of each moment, in steps.
template <class Number>
auto steps(recording const& run, int base, Number number) -> std::string {
    std::ostringstream path;
    path << 'M' << left << ' ' << base;
    for (auto const& at : run.moments) {
        if (at.ms > run.ms) break;
        path << 'H' << left + width * at.ms << 'V' << base - height * static_cast<int>(std::invoke(number, at));
    }
    path << 'H' << left + width * run.ms;
    return path.str();
}

void draw_panel(std::ostream& svg, recording const& run, int base) {
    auto const level = [&](std::size_t events, char const* what) {
        auto const y = base - height * static_cast<int>(events);
        svg << "<path d='M" << left << ' ' << y << "H" << left + 54 * width << "' class='level'/><text x='" << left - 6
            << "' y='" << y + 4 << "' text-anchor='end'>" << what << ' ' << events << "</text>\n";
    };
    auto const all = steps(run, base, [](moment const& at) { return at.on_its_way() + at.at_the_consumer(); });
    auto const there = steps(run, base, &moment::at_the_consumer);
    auto const close = "V" + std::to_string(base) + "H" + std::to_string(left) + "Z";
    svg << "<text x='" << left << "' y='" << base - 10 * height - 10 << "' class='title'>max_demand " << run.max
        << ", min_demand " << run.min << ": " << events_of_a_run << " events in " << run.ms << " ms, asked for in "
        << run.asks << " asks</text>\n";
    svg << "<path d='" << all << close << "' class='way'/>\n<path d='" << there << close << "' class='there'/>\n";
    level(run.max, "max");
    if (run.min > 0) level(run.min, "min");
    svg << "<path d='M" << left << ' ' << base << "H" << left + 54 * width << "' stroke='black'/>\n";
    for (int ms = 0; ms <= 50; ms += 10) {
        svg << "<text x='" << left + width * ms << "' y='" << base + 14 << "' text-anchor='middle'>" << ms
            << " ms</text>\n";
    }
}

auto drawing(std::vector<recording> const& runs) -> std::string {
    std::ostringstream svg;
    auto const all = 40 + 170 * static_cast<int>(runs.size());
    svg << "<svg xmlns='http://www.w3.org/2000/svg' width='900' height='" << all << "' viewBox='0 0 900 " << all
        << "' font-family='sans-serif' font-size='12'>\n<style>.way{fill:#c6d9ee}.there{fill:#3f76b5}.level{stroke:"
           "#888;stroke-dasharray:3 3}.title{font-weight:bold}</style>\n<rect width='100%' height='100%' "
           "fill='white'/>\n<rect x='60' y='10' width='14' height='12' class='there'/><text x='80' y='20'>at the "
           "consumer, not worked on yet</text>\n<rect x='310' y='10' width='14' height='12' class='way'/><text x='330' "
           "y='20'>asked for, still to come</text>\n";
    int base = 170;
    for (auto const& run : runs) draw_panel(svg, run, std::exchange(base, base + 170));
    svg << "</svg>\n";
    return svg.str();
}

auto content_of(std::string const& file) -> std::string {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

int main(int argc, char** argv) {
    std::vector<recording> const drawn{record(10, 5), record(10, 0)};
    bool right = true;
    auto const expect = [&right](recording const& run, long ms, int asks) {
        std::cout << "max " << run.max << ", min " << run.min << ": " << run.ms << " ms, " << run.asks << " asks\n";
        right = right && run.ms == ms && run.asks == asks;
    };
    expect(drawn[0], 43, 8);
    expect(drawn[1], 52, 4);
    expect(record(10, 9), 43, 40);
    expect(record(1, 0), 160, 40);
    expect(record(2, 1), 119, 40);
    expect(record(4, 2), 61, 20);
    expect(record(6, 3), 43, 14);
    expect(record(20, 10), 43, 4);
    if (argc == 3 && argv[1] == std::string_view("--draw")) std::ofstream(argv[2]) << drawing(drawn);
    if (argc == 3 && argv[1] == std::string_view("--check") && content_of(argv[2]) != drawing(drawn)) {
        std::cout << argv[2] << " is another drawing; --draw writes this one\n";
        right = false;
    }
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
