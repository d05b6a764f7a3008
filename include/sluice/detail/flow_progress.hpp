#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/strand.hpp>
#include <sluice/stage_stats.hpp>
#include <vector>

namespace sluice::detail {

class progress;
using progress_ptr = boost::intrusive_ptr<progress>;

/// Tells of stages now and then, until all have ended.
class progress final : public strand {
public:
    using clock = std::chrono::steady_clock;
    using function = std::function<void(std::vector<stage_stats> const&)>;

    progress(asio::any_io_executor const& executor, std::vector<stage_ptr> stages, clock::duration interval,
             function tell);

    /// In the place of the one there is.
    static void start(progress_ptr& there, asio::any_io_executor const& executor, std::vector<stage_ptr> stages,
                      clock::duration interval, function tell);

private:
    void tell();
    void wait();
    void abandoned() noexcept override;

    std::vector<stage_ptr> stages_;
    clock::duration interval_;
    function tell_;
    std::unique_ptr<alarm> next_;
};

}  // namespace sluice::detail
