#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_set>

#include "connection.hpp"
#include "latch.hpp"

namespace collector {

/// Who is connected: no more than so many; and who of them must be done before the pipeline may end.
class clients {
public:
    /// The executor on which all_done() and all_fed() are awaited: a strand.
    clients(asio::any_io_executor const& executor, std::size_t most)
        : most_(most), feeding_(executor), all_(executor) {}

    /// One that is connected; it is no longer when this goes.
    class entry {
    public:
        entry(clients& in, connection_ptr who);
        entry(entry&& other) noexcept
            : in_(std::exchange(other.in_, nullptr)), who_(std::move(other.who_)), hold_(std::move(other.hold_)) {}
        auto operator=(entry&&) -> entry& = delete;
        ~entry();

    private:
        clients* in_;
        connection_ptr who_;
        latch::hold hold_;
    };

    /// nullopt: there are too many already, or no more are wanted.
    auto admit(connection_ptr const& who) -> std::optional<entry>;
    auto count() const -> std::size_t;

    /// For who feeds the pipeline with a request. Whoever has it asks is_stopping() then, and gives it up if so.
    [[nodiscard]] auto feed() const -> latch::hold { return feeding_.take(); }
    auto is_stopping() const noexcept -> bool { return stopping_; }

    /// No more are admitted; nobody is waited for between two requests.
    void stop();
    /// What has arrived of the requests under way must do.
    void cut_off();
    /// Connections are closed: those of live readers; or all.
    void drop_listeners();
    void drop_all();

    /// `co_await`, after stop(): until nobody feeds the pipeline, and until nobody is connected.
    auto all_fed() -> asio::awaitable<void> { return feeding_.wait(); }
    auto all_gone() -> asio::awaitable<void> { return all_.wait(); }

private:
    template <class Do>
    void for_each(Do what) const;

    std::size_t most_;
    latch feeding_;
    latch all_;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;
    std::unordered_set<connection_ptr> connected_;
};

}  // namespace collector
