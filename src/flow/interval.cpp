#include <sluice/errc.hpp>
#include <sluice/flow/interval.hpp>
#include <string>

namespace sluice::detail {

auto tick(outlet<std::uint64_t>& out, std::chrono::nanoseconds period) -> asio::awaitable<void> {
    using clock = outlet<std::uint64_t>::clock;
    auto due = out.now();  // of the tick before the next one
    for (std::uint64_t next = 0;;) {
        auto const wanted = co_await out.demand();
        if (!wanted) co_return;
        bool const comes = period < clock::time_point::max() - due;
        auto const when = comes ? due + period : clock::time_point::max();
        bool const go_on = co_await out.pause_until(when);
        if (!go_on) co_return;
        auto const missed = (out.now() - when) / period;
        due = when + missed * period;
        next += static_cast<std::uint64_t>(missed);
        bool const taken = co_await out.emit(next++);
        if (!taken) co_return;
    }
}

void check_period(std::chrono::nanoseconds period) {
    if (period > std::chrono::nanoseconds::zero()) return;
    throw_invalid_option("flow::interval: the period must be more than 0 (got " + std::to_string(period.count()) +
                         " ns)");
}

}  // namespace sluice::detail
