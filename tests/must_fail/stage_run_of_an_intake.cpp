// MISTAKE: an intake, or a fan_out, is run like a stage
// EXPECT: sluice: an intake and a fan_out are not run: they work from the start, and end with close().
// INSTEAD: `sluice::async_run(groups, storing, handler);`
#include <sluice/sluice.hpp>

void start(sluice::intake<int>& into, sluice::consumer<int>& storing) {
    sluice::async_run(into, storing, [](std::exception_ptr) {});
}
