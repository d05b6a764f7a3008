#include <sluice/testing/footprint.hpp>

#include "history.hpp"

namespace sluice::testing {

void reads(std::string_view name, std::size_t index) noexcept {
    if (auto* const now = detail::history::present()) now->touch(detail::history::thing_of(name, index), false);
}

void writes(std::string_view name, std::size_t index) noexcept {
    if (auto* const now = detail::history::present()) now->touch(detail::history::thing_of(name, index), true);
}

void names_all_it_shares() noexcept {
    if (auto* const now = detail::history::present()) now->handler_is_known();
}

}  // namespace sluice::testing
