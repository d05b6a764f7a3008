// Windows over event time: how many requests a second a web server answered in each half hour, and which lines of its
// log came too late to be counted. The plot of it is an SVG file: `15_windows [FILE]`.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <ratio>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <vector>

#include "data.hpp"
#include "web_log.hpp"

namespace flow = sluice::flow;
using namespace std::chrono_literals;
using sample_data::request;
using std::chrono::sys_seconds;

struct traffic {
    int requests = 0;
    int errors = 0;
};
struct half_hour {
    sys_seconds begin;
    traffic all;
};

auto to_request(std::string const& line) -> std::optional<request> { return sample_data::parse_request(line); }
auto time_of(request const& r) -> sys_seconds { return r.time; }
auto half_hour_of(request const& r) -> sys_seconds {
    return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<1800>>>(r.time);
}
void add(traffic& t, request const& r) {
    ++t.requests;
    if (r.status >= 400) ++t.errors;
}

void plot(std::vector<half_hour> const& all, std::map<sys_seconds, int> const& late, std::string const& file) {
    constexpr double scale = 320;  // pixels for one request a second
    std::ofstream svg(file);
    svg << "<svg xmlns='http://www.w3.org/2000/svg' width='" << 4 * all.size() + 60
        << "' height='260' font-family='sans-serif' font-size='11'>\n<rect width='100%' height='100%' fill='white'/>\n"
        << "<text x='8' y='16'>requests a second; errors (dark); a dot for each line that came too late</text>\n";
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const bar = [&](int count, char const* color) {
            auto const height = count / 1800.0 * scale;
            svg << "<rect x='" << 40 + 4 * i << "' y='" << 230 - height << "' width='3' height='" << height
                << "' fill='" << color << "'/>\n";
        };
        bar(all[i].all.requests, "#7aa6d9");
        bar(all[i].all.errors, "#7a1f3d");
        if (auto const at = late.find(all[i].begin); at != late.end()) {
            for (int n = 0; n < at->second; ++n)
                svg << "<circle cx='" << 41 + 4 * i << "' cy='" << 236 + 4 * n << "' r='1.5' fill='#d9822b'/>\n";
        }
    }
    for (double rate : {0.2, 0.4, 0.6}) {
        auto const y = 230 - rate * scale;
        svg << "<text x='4' y='" << y + 4 << "'>" << rate << "</text><line x1='34' x2='" << 4 * all.size() + 50
            << "' y1='" << y << "' y2='" << y << "' stroke='#ccc' stroke-width='0.5'/>\n";
    }
    svg << "</svg>\n";
}

int main(int argc, char** argv) {
    auto const log = sample_data::web_log(100'000, 7);
    std::map<sys_seconds, int> late;  // by half hour

    sluice::thread_pool pool;
    // [readme:windows]
    auto const note_late = [&late](request const& r) { ++late[half_hour_of(r)]; };
    auto const traffic_by_half_hour =
        flow::from(log) | flow::map(to_request) |
        flow::filter([](std::optional<request> const& r) { return r.has_value(); }) |
        flow::map([](std::optional<request> r) { return *std::move(r); }) |
        flow::fixed_windows(30min, time_of, {.lateness = 1min, .out_of_order = 10s}) | flow::late(note_late) |
        flow::reduce(traffic(), add) | flow::on_trigger([](traffic const& t, flow::trigger_info const& at) {
            // Late ones that are counted still make a window fire twice, when it closes and when it is done.
            bool const is_last = at.trigger.is_done();
            return is_last ? std::vector{half_hour{at.start<sys_seconds>(), t}} : std::vector<half_hour>();
        });
    auto const all = flow::collect(traffic_by_half_hour, pool);
    // [readme:end]

    int counted = 0, errors = 0, too_late = 0;
    for (auto const& each : all) counted += each.all.requests, errors += each.all.errors;
    for (auto const& [when, lines] : late) too_late += lines;
    auto const busiest = std::ranges::max_element(all, {}, [](half_hour const& h) { return h.all.requests; });
    std::cout << all.size() << " half hours, " << counted << " requests, " << errors << " errors, " << too_late
              << " lines came too late\nthe busiest half hour had " << busiest->all.requests / 1800.0
              << " requests a second\n";
    if (argc > 1) {
        plot(all, late, argv[1]);
        std::cout << "the plot is in " << argv[1] << '\n';
    }
    return counted + too_late == static_cast<int>(log.size()) && too_late > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
