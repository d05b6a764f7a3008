#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <sluice/testing/invariant.hpp>

namespace sluice::testing {

/// What a producer with demand dispatch must have been told of its consumers' demand, exactly: the most that delivered
/// events and the outstanding demand of the consumers that are still there have ever come to together. Bounds alone
/// do not see demand that is passed on twice, or not again when a consumer leaves.
class demand_model {
public:
    /// The consumer asks for `n` more.
    void asked(std::size_t consumer, std::uint64_t n) {
        outstanding_[consumer] += n;
        update();
    }
    /// Throws violation if the consumer has not asked for so many.
    void delivered(std::size_t consumer, std::uint64_t n) {
        auto& demand = outstanding_[consumer];
        invariant(n <= demand, "more was delivered than was asked for");
        demand -= n;
        delivered_ += n;
        update();
    }
    /// The consumer is gone, its demand with it.
    void cancelled(std::size_t consumer) { outstanding_.erase(consumer); }

    /// The total demand that the producer must have seen by now.
    auto signalled() const noexcept -> std::uint64_t { return signalled_; }
    /// What the consumers that are there have asked for and not got. O(consumers).
    auto outstanding() const noexcept -> std::uint64_t {
        std::uint64_t sum = 0;
        for (auto const& [consumer, demand] : outstanding_) sum += demand;
        return sum;
    }

private:
    void update() {
        if (auto const now = delivered_ + outstanding(); now > signalled_) signalled_ = now;
    }

    std::map<std::size_t, std::uint64_t> outstanding_;
    std::uint64_t delivered_ = 0;
    std::uint64_t signalled_ = 0;
};

}  // namespace sluice::testing
