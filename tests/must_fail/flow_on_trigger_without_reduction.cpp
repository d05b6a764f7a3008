// EXPECT: flow::on_trigger, flow::emit: they stand right behind flow::reduce, flow::group_by or
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <vector>

namespace flow = sluice::flow;

auto const f = flow::from(std::views::iota(0, 9)) | flow::on_trigger([](int sum) { return std::vector{sum}; });
