// MISTAKE: a stage is copied, most often into a parameter
// EXPECT: sluice: a stage can be moved, not copied: take it by reference, or give it by std::move
// INSTEAD: `void start(sluice::producer<int>& numbers)`
#include <sluice/sluice.hpp>

void start(sluice::producer<int>) {}

void use(sluice::producer<int>& numbers) { start(numbers); }
