// What the programs that must not compile include, compiled once for them all. Not their own includes: those stay.
#include <sluice/csv.hpp>
#include <sluice/flow/flow.hpp>
#include <sluice/sluice.hpp>
