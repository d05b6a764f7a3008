#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string_view>

namespace steady_state {

namespace asio = boost::asio;
using number = std::uint64_t;

/// Where a scenario runs: one thread, on which nothing depends on the time, so that each run does the same; or several
/// threads, and then it depends on them who meets whom.
class place {
public:
    explicit place(std::size_t threads);

    auto context() noexcept -> asio::io_context& { return context_; }
    /// A completion handler of async_run and its like; what an operation gives besides goes to `result`.
    auto ending() {
        return [this](std::exception_ptr error) { end(error); };
    }
    template <class Result>
    auto ending(Result& result) {
        return [this, &result](std::exception_ptr error, Result given) {
            result = given;
            end(error);
        };
    }
    /// Works until nothing is left to do. Throws what the operation ended with.
    void work();
    /// The operation has ended.
    auto is_over() const noexcept -> bool { return is_over_; }

private:
    void end(std::exception_ptr const& error) noexcept {
        error_ = error;
        is_over_ = true;
    }

    std::size_t threads_;
    asio::io_context context_;
    std::exception_ptr error_;
    std::atomic<bool> is_over_ = false;
};

/// Work that goes on in the same way as long as there are events: what is done for the second thousand is done for
/// every later one. What one run over twice as many events costs more than a run over once as many is therefore what so
/// many events cost, without the beginning and the end.
struct scenario {
    std::string_view name;
    std::string_view what;
    number batch;  ///< Events in a batch of the source; 0: the library decides.
    /// Runs over so many events, a multiple of 1024. Throws if the sum of what came out is wrong.
    void (*run)(place& where, number events);
};

auto of_stages() -> std::span<scenario const>;
auto of_flows() -> std::span<scenario const>;
/// Throws std::invalid_argument if there is none of that name.
auto find(std::string_view name) -> scenario const&;

void expect(number sum, number expected);

}  // namespace steady_state
