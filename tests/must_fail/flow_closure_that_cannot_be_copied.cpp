// EXPECT: flow: the functions of a step must be copyable, because each stage of a layer has copies of its own.
#include <sluice/flow/flow.hpp>

#include <memory>

namespace flow = sluice::flow;

auto owning() {
    return flow::map([p = std::make_unique<int>(1)](int i) { return i + *p; });
}
