// EXPECT: flow::from: the events of this range cannot be copied. Give the range by std::move
#include <sluice/flow/flow.hpp>

#include <memory>

namespace flow = sluice::flow;

auto owned(std::vector<std::unique_ptr<int>>& all) { return flow::from(all); }
