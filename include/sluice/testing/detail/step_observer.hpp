#pragma once

#include <cstdint>

namespace sluice::testing::detail {

/// Told of the handlers that a simulation runs. Between handlers the scenario's own code runs, or time passes.
class step_observer {
public:
    /// The handler that was submitted as the `number`-th one begins.
    virtual void handler_begins(std::uint64_t number) noexcept = 0;
    /// It has ended; so many were submitted by now.
    virtual void handler_ended(std::uint64_t submitted) noexcept = 0;
    /// Something happens between handlers although others are ready, or may: time passes, the run is stopped, the
    /// scenario acts. So the order of handlers is not all that decides.
    virtual void steps_count() noexcept = 0;

protected:
    ~step_observer() = default;
};

}  // namespace sluice::testing::detail
