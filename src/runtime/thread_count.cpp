#include <algorithm>
#include <boost/asio/query.hpp>
#include <sluice/detail/thread_count.hpp>
#include <thread>

namespace sluice::detail {
namespace {

class thread_count final : public asio::execution_context::service {
public:
    using key_type = thread_count;
    static asio::execution_context::id id;

    explicit thread_count(asio::execution_context& context, std::size_t n = 0)
        : asio::execution_context::service(context), threads(n) {}

    std::size_t threads;

private:
    void shutdown() noexcept override {}
};

asio::execution_context::id thread_count::id;

}  // namespace

void set_thread_count(asio::execution_context& context, std::size_t threads) {
    asio::make_service<thread_count>(context, threads);
}

auto default_stages(asio::any_io_executor const& executor) -> std::size_t {
    auto& context = asio::query(executor, asio::execution::context);
    if (asio::has_service<thread_count>(context)) return asio::use_service<thread_count>(context).threads;
    return std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

}  // namespace sluice::detail
