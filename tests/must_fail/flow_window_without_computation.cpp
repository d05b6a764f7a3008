// EXPECT: flow: a window or a trigger was set, but nothing is computed in it.
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>

namespace flow = sluice::flow;

void run(sluice::thread_pool& pool) {
    auto const f = flow::from(std::views::iota(0, 9)) | flow::count_windows(3) | flow::map([](int i) { return i; });
    flow::run(f, pool);
}
