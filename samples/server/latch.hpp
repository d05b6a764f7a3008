#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

namespace collector {

namespace asio = boost::asio;

/// Waits, in one coroutine, until nobody holds it any more: holds may be taken and given up on any thread.
class latch {
    struct state {
        explicit state(asio::any_io_executor const& executor);
        void give_up();

        asio::steady_timer rings;
        bool is_open = false;  // on the executor alone, like the timer
        std::atomic<std::size_t> holds = 1;
    };

public:
    /// Something that has to be over before the latch opens. Moves, and gives up when it goes.
    class hold {
    public:
        explicit hold(std::shared_ptr<state> of) : of_(std::move(of)) {}
        hold(hold&& other) noexcept = default;
        auto operator=(hold&& other) noexcept -> hold& {
            std::swap(of_, other.of_);
            return *this;
        }
        ~hold() {
            if (of_) of_->give_up();
        }

    private:
        std::shared_ptr<state> of_;
    };

    /// The executor must be a strand, or have one thread: the coroutine that waits runs on it.
    explicit latch(asio::any_io_executor const& executor) : state_(std::make_shared<state>(executor)) {}

    [[nodiscard]] auto take() const -> hold {
        state_->holds.fetch_add(1);
        return hold(state_);
    }

    /// `co_await`: until the last hold was given up. Once.
    auto wait() -> asio::awaitable<void>;

private:
    std::shared_ptr<state> state_;
};

}  // namespace collector
