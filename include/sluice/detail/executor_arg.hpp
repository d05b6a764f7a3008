#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <sluice/detail/asio_fwd.hpp>
#include <type_traits>

namespace sluice::detail {

/// An executor, or an execution context or pool that has one: what stages take as their first argument.
class executor_arg {
public:
    template <class Executor>
        requires std::is_constructible_v<asio::any_io_executor, Executor const&> executor_arg(Executor const& executor)
            : executor_(executor) {}

        template <class Context>
            requires(!std::is_constructible_v<asio::any_io_executor, Context&>)
        &&requires(Context& c) { c.get_executor(); }
        executor_arg(Context& context) : executor_(context.get_executor()) {}

        auto get() const noexcept -> asio::any_io_executor const& { return executor_; }

    private:
        asio::any_io_executor executor_;
};

}  // namespace sluice::detail
