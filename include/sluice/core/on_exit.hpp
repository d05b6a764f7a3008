#pragma once

#include <utility>

namespace sluice::core {

/// Calls a function at the end of the scope, also when an exception passes.
template <class F>
class on_exit {
public:
    /// `f()` is what is called; it must not throw.
    explicit on_exit(F f) : f_(std::move(f)) {}
    on_exit(on_exit const&) = delete;
    auto operator=(on_exit const&) -> on_exit& = delete;
    ~on_exit() { f_(); }

private:
    F f_;
};

}  // namespace sluice::core
