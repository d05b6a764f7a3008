#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/asio_fwd.hpp>

namespace sluice {

/// An io_context and the threads that run it.
///
/// Convenience: stages take any executor. The destructor stops the pool, joins its threads, and then destroys the
/// context with all that still waits there; so a pipeline that is running then is dropped. Let async_run or run end
/// first to let it finish.
///
/// @par Thread safety
/// Safe, but for the destructor; join() and the destructor must not be called in the pool's own threads.
class SLUICE_API thread_pool {
public:
    using executor_type = asio::any_io_executor;  ///< What stages take.

    /// As many threads as the machine has; at least 1. Throws std::system_error when a thread cannot be started.
    thread_pool();
    /// `threads` 1 … 4096; throws system_error(errc::invalid_option) else.
    explicit thread_pool(std::size_t threads);
    thread_pool(thread_pool const&) = delete;
    auto operator=(thread_pool const&) -> thread_pool& = delete;
    ~thread_pool();

    /// What runs things in the pool's threads. Stages take the pool itself as well: executor_arg.
    auto get_executor() const noexcept -> executor_type;
    /// The context that the threads run, for timers and sockets.
    auto context() noexcept -> asio::io_context&;
    /// How many threads there are.
    auto size() const noexcept -> std::size_t;

    /// No further handler is started. Returns at once.
    void stop() noexcept;
    /// Waits until nothing is left to do, then ends the threads. An exception that left a handler is rethrown here, the
    /// first one.
    void join();

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sluice
