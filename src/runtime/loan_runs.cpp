#include <sluice/detail/loan_runs.hpp>

namespace sluice::detail {

loan_runs::loan_runs() noexcept = default;
loan_runs::~loan_runs() = default;

void loan_runs::begin(std::size_t first, std::size_t count) { runs_.push_back({first, count}); }

void loan_runs::reserve(std::size_t n) { runs_.reserve(n); }

void loan_runs::drop(std::size_t n) noexcept {
    runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(n));
}

}  // namespace sluice::detail
