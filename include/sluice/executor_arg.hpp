#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <sluice/detail/asio_fwd.hpp>
#include <type_traits>

namespace sluice {

/// What functions take that want to know where to run things: an executor, or what has one, such as thread_pool,
/// boost::asio::io_context or supervised. It converts from any of these, so nobody needs to name it.
///
/// Holds the executor only: a context must outlive what was made with it, as everywhere in Asio.
class executor_arg {
public:
    /// Any executor that boost::asio::any_io_executor can hold.
    template <class Executor>
        requires std::is_constructible_v<asio::any_io_executor, Executor const&> executor_arg(Executor const& executor)
            : executor_(executor) {}

        /// The executor of an execution context, or of a pool: what its get_executor() gives.
        template <class Context>
            requires(!std::is_constructible_v<asio::any_io_executor, Context&>)
        &&requires(Context& c) { c.get_executor(); }
        executor_arg(Context& context) : executor_(context.get_executor()) {}

        /// The executor.
        auto get() const noexcept -> asio::any_io_executor const& { return executor_; }

    private:
        asio::any_io_executor executor_;
};

}  // namespace sluice
