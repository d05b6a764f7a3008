#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/detail/published.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/progress_report.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// How much a source has given out. Its stage writes it, anybody reads it.
class source_meter {
public:
    using total_function = std::function<std::optional<std::uint64_t>()>;

    /// `total` is asked when somebody wants to know; null: nobody knows.
    explicit source_meter(progress_unit unit, total_function total = nullptr) : unit_(unit), total_(std::move(total)) {}

    auto unit() const noexcept -> progress_unit { return unit_; }
    auto total() const -> std::optional<std::uint64_t> { return total_ ? total_() : std::nullopt; }

    published<std::uint64_t> done;

private:
    progress_unit unit_;
    total_function total_;
};

/// How far all sources of a flow have come. Those that are stages with bodies, or from outside, tell by what they have
/// given to the flow.
///
/// @par Thread safety
/// Safe.
class SLUICE_API source_meters {
public:
    /// Before the stages run.
    explicit source_meters(std::vector<stage_ptr> const& stages);

    auto read() const -> progress_report;

private:
    auto total() const -> std::optional<std::uint64_t>;

    std::vector<std::shared_ptr<source_meter const>> meters_;
    std::vector<stage_ptr> sources_;
    bool are_metered_ = true;  // all of them, and alike
    mutable std::once_flag asked_;
    mutable std::optional<std::uint64_t> total_;
};

}  // namespace sluice::detail
