static_assert(sizeof(int) == 0, "a number must be odd");
