// EXPECT: a number must be odd
static_assert(sizeof(int) == 0, "a number must be even");
static_assert(sizeof(int) == 0, "a number must be odd");
