// EXPECT: sluice: a stage can be moved, not copied: take it by reference, or give it by std::move
#include <sluice/sluice.hpp>

void use(sluice::consumer<int>& printed) { auto another = printed; }
