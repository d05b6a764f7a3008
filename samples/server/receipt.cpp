// How a session learns what became of its events.
#include "receipt.hpp"

namespace collector {

auto receipt::make_claim() -> claim { return claim(shared_from_this()); }

auto receipt::settled() -> asio::awaitable<outcome> {
    co_await unsettled_.wait();
    outcome all;
    all.stored = stored_;
    all.rejected = rejected_;
    all.failed = failed_;
    co_return all;
}

}  // namespace collector
