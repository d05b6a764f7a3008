// EXPECT: sluice: an intake and a fan_out are not run: they work from the start, and end with close().
#include <sluice/sluice.hpp>

void start(sluice::consumer<int>& storing, sluice::fan_out<int>& fan) { sluice::run(storing, fan); }
