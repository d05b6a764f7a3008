// The greatest temperature of each ten seconds, by the times that the readings carry, some of which come out of order.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <vector>

namespace flow = sluice::flow;
using namespace std::chrono_literals;
using std::chrono::sys_seconds;

struct reading {
    sys_seconds at;
    int degrees = 0;
};
struct row {
    sys_seconds begin;
    int greatest = 0;

    friend auto operator==(row const&, row const&) -> bool = default;
};

constexpr auto at(int second) -> sys_seconds { return sys_seconds(std::chrono::seconds(second)); }

int main() {
    std::vector<reading> const readings{{at(1), 18},  {at(4), 19}, {at(12), 21}, {at(9), 23},
                                        {at(21), 20}, {at(3), 30}, {at(25), 22}};
    std::vector<reading> too_late;
    sluice::thread_pool pool;

    // [readme:windows]
    auto const greater = [](int& greatest, reading const& r) { greatest = std::max(greatest, r.degrees); };
    auto const note_late = [&too_late](reading const& r) { too_late.push_back(r); };
    auto const to_row = [](int greatest, flow::trigger_info const& window) {
        return std::vector{row{window.start<sys_seconds>(), greatest}};
    };
    auto const rows = flow::from(readings) |
                      flow::fixed_windows(10s, &reading::at, {.out_of_order = 5s}) |  // closes 5 s later than it ends
                      flow::late(note_late) |                                         // what comes after that
                      flow::reduce(std::numeric_limits<int>::min(), greater) |        // an accumulator a window
                      flow::on_trigger(to_row);                                       // what goes on when it closes
    auto const all = flow::collect(rows, pool);
    // [readme:end]

    for (auto const& each : all) {
        std::cout << each.begin.time_since_epoch().count() << " s: " << each.greatest << " degrees\n";
    }
    std::cout << too_late.size() << " came too late\n";
    std::vector<row> const expected{{at(0), 23}, {at(10), 21}, {at(20), 22}};
    return all == expected && too_late.size() == 1 && too_late[0].degrees == 30 ? EXIT_SUCCESS : EXIT_FAILURE;
}
