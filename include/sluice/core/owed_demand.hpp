#pragma once

#include <algorithm>
#include <cstddef>
#include <sluice/core/demand.hpp>

namespace sluice::core {

/// Events that the producer has been asked for and that no subscriber waits for any more: the demand of those who have
/// left. The producer owes them, so as much of later demand is met by them instead of by new ones.
/// GenStage: `pending` of its dispatchers.
class owed_demand {
public:
    /// Somebody has asked for `n` events, the producer was asked for them, and nobody waits for them now.
    void add(std::size_t n) noexcept { count_ = saturating_add(count_, n); }

    /// `n` events have come that nobody waits for: owed ones, as far as there were any.
    void arrived(std::size_t n) noexcept { count_ -= std::min(count_, n); }

    /// There is new demand for `n` events. Of those that the producer holds already, `buffered`, as many meet it as
    /// there are, and are not owed any more; then what is owed meets it. Answers how many to ask of the producer.
    auto meet(std::size_t n, std::size_t buffered) noexcept -> std::size_t {
        n -= std::min(n, buffered);
        auto const met = std::min(n, count_);
        count_ -= met;
        return n - met;
    }

    /// How many events are owed.
    auto count() const noexcept -> std::size_t { return count_; }

private:
    std::size_t count_ = 0;
};

}  // namespace sluice::core
