#include <sluice/detail/strand_executor.hpp>
#include <sluice/subscription.hpp>
#include <utility>

namespace sluice {

auto subscription::ask(std::ptrdiff_t n) const noexcept -> boost::system::error_code {
    if (n < 1) return errc::invalid_demand;
    if (!over_) return errc::subscription_ended;
    if (over_->options().demand_mode != demand_mode::manual) return errc::automatic_demand;
    detail::send_function(over_->consumer(),
                          [over = over_, n] { over->inlet().ask(*over, static_cast<std::size_t>(n)); });
    return {};
}

void subscription::cancel(end_reason reason) const noexcept {
    if (over_) over_->cancel(std::move(reason));
}

}  // namespace sluice
