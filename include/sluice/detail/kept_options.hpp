#pragma once

#include <sluice/options.hpp>

namespace sluice::detail {

/// The options of a subscription. Most are the defaults: those are kept once for all.
class kept_options {
public:
    explicit kept_options(subscribe_options const& options)
        : options_(options == defaults ? &defaults : new subscribe_options(options)) {}
    kept_options(kept_options const&) = delete;
    auto operator=(kept_options const&) -> kept_options& = delete;
    ~kept_options() {
        if (options_ != &defaults) delete options_;
    }

    auto get() const noexcept -> subscribe_options const& { return *options_; }

private:
    static constexpr subscribe_options defaults{};

    subscribe_options const* options_;
};

}  // namespace sluice::detail
