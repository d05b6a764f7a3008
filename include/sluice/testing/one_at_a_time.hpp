#pragma once

#include <sluice/testing/invariant.hpp>

namespace sluice::testing {

/// States that a body and its hooks never run two at once: one in each callback, all on the same flag.
class one_at_a_time {
public:
    /// `busy` is the stage's flag, false at first. Throws violation if another one is alive.
    explicit one_at_a_time(bool& busy) : busy_{busy} {
        invariant(!busy, "two callbacks of one stage ran at once");
        busy = true;
    }
    one_at_a_time(one_at_a_time const&) = delete;
    auto operator=(one_at_a_time const&) -> one_at_a_time& = delete;
    ~one_at_a_time() { busy_ = false; }

private:
    bool& busy_;
};

}  // namespace sluice::testing
