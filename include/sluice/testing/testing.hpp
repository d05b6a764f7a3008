#pragma once
// All of the simulator, for tests that would rather have one line than ten.

#include <sluice/testing/choosers.hpp>
#include <sluice/testing/counted.hpp>
#include <sluice/testing/demand_model.hpp>
#include <sluice/testing/explore.hpp>
#include <sluice/testing/footprint.hpp>
#include <sluice/testing/invariant.hpp>
#include <sluice/testing/one_at_a_time.hpp>
#include <sluice/testing/recorder.hpp>
#include <sluice/testing/reducing_chooser.hpp>
#include <sluice/testing/shrink.hpp>
#include <sluice/testing/simulation.hpp>
#include <sluice/testing/spawn.hpp>
#include <sluice/testing/timer.hpp>
