#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstddef>
#include <sluice/core/api.hpp>
#include <sluice/detail/asio_fwd.hpp>

namespace sluice::detail {

/// Notes in a context how many threads run it, for default_stages().
SLUICE_API void set_thread_count(asio::execution_context& context, std::size_t threads);

/// As how many stages a layer runs unless its options say so: the threads of a sluice::thread_pool; of any other
/// executor nobody can tell, so it is the threads of the machine. At least 1.
SLUICE_API auto default_stages(asio::any_io_executor const& executor) -> std::size_t;

}  // namespace sluice::detail
