#pragma once

#include <cstdint>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/environment.hpp>

namespace sluice::detail {

class strand;
class wait_slot;

/// Wakes what waits in a slot at a given time. Its strand alone.
class SLUICE_API wait_deadline {
public:
    wait_deadline(strand& owner, wait_slot& wakes) noexcept : owner_(&owner), wakes_(&wakes) {}

    /// In the place of the time that was set before. `time_point::max()`: never.
    void set(environment::clock::time_point when);
    /// The time came, and nothing was set or cleared since.
    auto has_passed() const noexcept -> bool { return has_passed_; }
    void clear() noexcept;

private:
    strand* owner_;
    wait_slot* wakes_;
    std::unique_ptr<alarm> alarm_;
    std::uint64_t number_ = 0;
    bool has_passed_ = false;
};

}  // namespace sluice::detail
