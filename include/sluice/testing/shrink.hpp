#pragma once

#include <cstddef>
#include <functional>
#include <sluice/core/api.hpp>
#include <sluice/testing/trace.hpp>

namespace sluice::testing {

/// Makes a failing trace simpler while it still fails: shorter, with more zeros, with smaller answers.
///
/// `fails` runs the scenario with a replay_chooser of the given trace and says whether it still fails; it is called at
/// most `attempts` times. Returns the simplest failing trace found, without zeros at its end (they are implied), or the
/// trace itself if nothing simpler fails.
SLUICE_API auto shrink(trace failing, std::function<bool(trace const&)> const& fails, std::size_t attempts = 2000)
    -> trace;

}  // namespace sluice::testing
