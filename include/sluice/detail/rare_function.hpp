#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace sluice::detail {

/// A std::function that most objects never have: while there is none it takes a pointer.
template <class Signature>
class rare_function {
public:
    auto operator=(std::function<Signature> function) -> rare_function& {
        function_ = function ? std::make_unique<std::function<Signature>>(std::move(function)) : nullptr;
        return *this;
    }
    auto operator=(std::nullptr_t) noexcept -> rare_function& {
        function_ = nullptr;
        return *this;
    }

    explicit operator bool() const noexcept { return function_ != nullptr; }
    template <class... Args>
    decltype(auto) operator()(Args&&... args) const {
        return (*function_)(std::forward<Args>(args)...);
    }

private:
    std::unique_ptr<std::function<Signature>> function_;
};

}  // namespace sluice::detail
