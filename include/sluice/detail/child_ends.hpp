#pragma once

#include <functional>
#include <sluice/detail/body.hpp>
#include <utility>

namespace sluice::detail {

/// What a child has as a stage: no ends, only a body.
class child_ends final : public body_core {
public:
    using body_core::body_core;

    template <class Body, class... Args>
    auto invoke(Body& body, Args&&... args) -> asio::awaitable<void> {
        return std::invoke(body, std::forward<Args>(args)...);
    }
};

}  // namespace sluice::detail
