// Compiles, and lends its flags to the programs beside it that must not.
#include <sluice/errc.hpp>

auto must_compile() -> bool { return static_cast<bool>(make_error_code(sluice::errc{})); }
