#include <algorithm>
#include <sluice/detail/adapting.hpp>
#include <utility>

namespace sluice::detail {

auto moment_clock::time(std::uint64_t moment) const noexcept -> std::chrono::nanoseconds {
    auto const gone_by = static_cast<double>(static_cast<std::int64_t>(moment - at_)) * worth_;
    return time_ + std::chrono::nanoseconds(static_cast<std::int64_t>(gone_by));
}

void moment_clock::adjust(std::uint64_t now) noexcept {
    constexpr std::uint64_t many = 1 << 30;
    time_ = time(now);
    at_ = now;
    worth_ = static_cast<double>(environment::duration_of(many, are_ticks_).count()) / static_cast<double>(many);
}

adaptation::adaptation(subscribe_options const& options, strand const& of)
    : controller_({options.adaptive.least_demand, options.max_demand, options.adaptive.target_latency}),
      clock_(of.moment_now(), of.ticks_tell_time()) {}

void adaptation::arrived(std::size_t n, strand const& on) noexcept {
    controller_.arrived(n, clock_.time(std::max(on.moment(), before_)));
}

auto adaptation::processed(std::size_t n, strand const& on) noexcept -> bool {
    auto const now = on.moment_now();
    before_ = std::exchange(came_back_, now);
    bool const round_ended = controller_.processed(n, clock_.time(now));
    if (round_ended || !clock_.is_known()) clock_.adjust(now);
    return round_ended;
}

}  // namespace sluice::detail
