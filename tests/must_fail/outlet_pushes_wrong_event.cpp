// EXPECT: sluice: what is emitted must be an event of the stage's type T, or a sluice::batch<T> of them
#include <sluice/sluice.hpp>

void push(sluice::outlet<int>& out) { out.push("three"); }
