#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include "latch.hpp"

namespace collector {

/// What became of the events of one request.
struct outcome {
    std::size_t stored = 0;
    std::size_t rejected = 0;
    std::size_t failed = 0;  // lost on the way: the database failed, or the pipeline was stopped
};

class claim;

/// Each event of a request carries a claim on its receipt through the pipeline; the session awaits all of them before
/// it answers. No event can get lost on the way without the receipt knowing: a claim that goes unsettled has failed.
class receipt : public std::enable_shared_from_this<receipt> {
public:
    /// The executor of the session that waits: a strand.
    explicit receipt(asio::any_io_executor const& executor) : unsettled_(executor) {}

    /// For one event. On any thread.
    auto make_claim() -> claim;

    /// `co_await`: what became of the events, when it is known of all of them. Once.
    auto settled() -> asio::awaitable<outcome>;

private:
    friend class claim;

    latch unsettled_;
    std::atomic<std::size_t> stored_ = 0;
    std::atomic<std::size_t> rejected_ = 0;
    std::atomic<std::size_t> failed_ = 0;
};

/// One event's part of a receipt. Moves with the event, from stage to stage and from thread to thread.
class claim {
public:
    explicit claim(std::shared_ptr<receipt> of) : of_(std::move(of)), hold_(of_->unsettled_.take()) {}
    claim(claim&& other) noexcept = default;
    auto operator=(claim&& other) noexcept -> claim& {
        std::swap(of_, other.of_);
        std::swap(hold_, other.hold_);
        return *this;
    }
    ~claim() {
        if (of_) ++of_->failed_;  // before the hold is given up
    }

    void stored() { settle(&receipt::stored_); }
    void rejected() { settle(&receipt::rejected_); }

private:
    void settle(std::atomic<std::size_t> receipt::*count) {
        if (auto const of = std::exchange(of_, nullptr)) ++(of.get()->*count);
        auto const settled = std::move(hold_);
    }

    std::shared_ptr<receipt> of_;
    latch::hold hold_;
};

}  // namespace collector
