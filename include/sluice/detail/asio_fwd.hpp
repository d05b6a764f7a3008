#pragma once
// Asio's names as Sluice uses them, without its headers where a declaration will do.

namespace boost::asio {
class any_io_executor;
class execution_context;
class io_context;
}  // namespace boost::asio

namespace sluice {
namespace asio = boost::asio;
}  // namespace sluice
