#include <sluice/dispatcher/demand_dispatcher.hpp>

namespace sluice {

auto to_string(demand_mismatch const& mismatch) -> std::string {
    return "the dispatcher expects a maximum demand of " + std::to_string(mismatch.expected) +
           ". Using different maximum demands will overload greedy consumers. Got demand for " +
           std::to_string(mismatch.asked) + " events from consumer " + std::to_string(mismatch.id);
}

}  // namespace sluice
