#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <mutex>
#include <optional>
#include <sluice/detail/thread_count.hpp>
#include <sluice/errc.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <thread>
#include <vector>

namespace sluice {
namespace {

auto checked(std::size_t threads) -> std::size_t {
    if (threads < 1 || threads > 4096) {
        detail::throw_invalid_option("thread_pool: the number of threads must be 1 to 4096 (got " +
                                     std::to_string(threads) + ")");
    }
    return threads;
}

}  // namespace

struct thread_pool::state {
    explicit state(std::size_t n)
        : threads(checked(n)), context(static_cast<int>(threads)), work(context.get_executor()) {
        detail::set_thread_count(context, threads);
        workers.reserve(threads);
        try {
            for (std::size_t i = 0; i < threads; ++i) workers.emplace_back([this] { work_on(); });
        } catch (...) {
            context.stop();
            end();
            throw;
        }
    }

    // A handler that throws ends its run(); the thread goes on with the others.
    void work_on() noexcept {
        for (;;) {
            try {
                context.run();
                return;
            } catch (...) {
                std::lock_guard lock(mutex);
                if (!first_error) first_error = std::current_exception();
            }
        }
    }

    void let_go() noexcept {
        std::lock_guard lock(mutex);
        work.reset();
    }

    void end() {
        std::lock_guard lock(joining);
        for (auto& worker : workers) {
            if (worker.joinable()) worker.join();
        }
    }

    std::size_t threads;
    asio::io_context context;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
    std::vector<std::thread> workers;
    std::mutex joining;
    std::mutex mutex;  // of the work and the error
    std::exception_ptr first_error;
};

thread_pool::thread_pool() : thread_pool(std::max<std::size_t>(1, std::thread::hardware_concurrency())) {}

thread_pool::thread_pool(std::size_t threads) : state_(std::make_unique<state>(threads)) {}

thread_pool::~thread_pool() {
    stop();
    state_->end();
}

auto thread_pool::get_executor() const noexcept -> executor_type { return state_->context.get_executor(); }

auto thread_pool::context() noexcept -> asio::io_context& { return state_->context; }

auto thread_pool::size() const noexcept -> std::size_t { return state_->threads; }

void thread_pool::stop() noexcept {
    state_->let_go();
    state_->context.stop();
}

void thread_pool::join() {
    state_->let_go();
    state_->end();
    std::exception_ptr error;
    {
        std::lock_guard lock(state_->mutex);
        error = std::exchange(state_->first_error, nullptr);
    }
    if (error) std::rethrow_exception(error);
}

}  // namespace sluice
