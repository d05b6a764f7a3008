#pragma once

#include <sluice/sluice.hpp>
#include <utility>

#include "work.hpp"

namespace sluice::benchmarks {

// Bodies of Sluice's stages that several rows have.

inline auto source(outlet<event>& out, amount w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last; next += w.batch) {
        auto batch = out.make_batch();
        fill(batch, next, w.batch);
        co_await out.emit(std::move(batch));
    }
}
inline auto single_source(outlet<event>& out, amount w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last; ++next) co_await out.emit(next);
}
inline auto summing(inlet<event>& in, event& total) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) total += sum(batch->begin(), batch->end());
}

}  // namespace sluice::benchmarks
