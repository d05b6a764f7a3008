#include <sluice/core/demand_heap.hpp>

namespace sluice::core {

demand_heap::demand_heap() noexcept = default;
demand_heap::demand_heap(demand_heap const&) = default;
demand_heap::demand_heap(demand_heap&&) noexcept = default;
auto demand_heap::operator=(demand_heap const&) -> demand_heap& = default;
auto demand_heap::operator=(demand_heap&&) noexcept -> demand_heap& = default;
demand_heap::~demand_heap() = default;

auto demand_heap::before::operator()(rank const& a, rank const& b) const noexcept -> bool {
    if ((a.demand > 0) != (b.demand > 0)) return a.demand > 0;  // none is none, whatever the priority
    if (a.priority != b.priority) return a.priority > b.priority;
    return a.demand != b.demand ? a.demand > b.demand : a.stamp < b.stamp;
}

void demand_heap::insert(subscriber_id id, int priority) { heap_.insert(id, {0, ++stamp_, priority}); }

auto demand_heap::erase(subscriber_id id) noexcept -> std::size_t {
    const auto left = demand(id);
    total_.subtract(left);
    heap_.erase(id);
    return left;
}

void demand_heap::update_among_others(subscriber_id id, std::size_t demand) noexcept {
    heap_.change(id, [&](rank& r) { put(r, demand); });
}

auto demand_heap::sorted() const -> std::vector<entry> {
    std::vector<entry> all;
    for (auto const& each : heap_.sorted()) all.push_back({each.key.demand, each.id});
    return all;
}

}  // namespace sluice::core
