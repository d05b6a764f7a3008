#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/running_stages.hpp>
#include <sluice/detail/group_core.hpp>
#include <sluice/detail/strand.hpp>
#include <sluice/stage_stats.hpp>
#include <vector>

namespace sluice::detail {

/// Tells of a flow's stages now and then, and when all have ended.
///
/// @par Thread safety
/// Safe.
class SLUICE_API progress final : public strand {
public:
    using clock = std::chrono::steady_clock;
    using function = std::function<void(std::vector<stage_stats> const&)>;

    progress(asio::any_io_executor const& executor, std::shared_ptr<running_stages const> stages)
        : strand(executor), stages_(std::move(stages)) {}

    /// Throws errc::invalid_option for an interval that is not more than 0.
    void begin(boost::intrusive_ptr<group_core> const& group, clock::duration interval, function tell);
    /// All have ended.
    void over();

private:
    void tell();
    void wait();
    void abandoned() noexcept override;

    std::shared_ptr<running_stages const> stages_;
    clock::duration interval_ = {};
    function tell_;
    std::unique_ptr<alarm> next_;
    bool is_watching_ = false;
    bool is_over_ = false;
};

}  // namespace sluice::detail
