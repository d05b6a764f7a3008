#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <sluice/consumer.hpp>
#include <sluice/from.hpp>
#include <sluice/intake.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/snapshot.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <vector>

#include "database.hpp"
#include "dead_letters.hpp"
#include "event.hpp"
#include "options.hpp"
#include "stages.hpp"

namespace collector {

/// The way of an event from a client to the disk, and on to whoever wants to see it:
///
///     clients --> parse --> batch --> store --> kinds
///                   |                   '-----> live readers, any number
///                   '--> dead letters
///
/// Each arrow is a subscription: nothing is handed over that was not asked for. While the disk is busy, `store` asks
/// for nothing, so `batch` does not once it has gathered the next batch, and so on up to the emit() in which a session
/// waits.
class pipeline {
public:
    /// The stages run on the pool, but for `store`: SQLite's calls block, so it has a thread of its own.
    /// Throws std::exception when a file cannot be opened.
    pipeline(options const& with, sluice::thread_pool& pool);

    /// What sessions emit to, from any coroutine.
    auto clients() noexcept -> sluice::intake<line>& { return clients_; }
    /// What live readers subscribe to: every event, once it is in the database.
    auto stored() const -> sluice::source<stored_event>;

    /// Runs until everything has gone through after close(); throws the first cause if it ends before. Once, on a
    /// strand.
    auto run() -> asio::awaitable<void>;
    /// No more will come.
    void close() noexcept { clients_.close(); }

    auto totals() noexcept -> struct totals& { return totals_; }
    /// How many events of each kind there have been.
    auto kinds() -> asio::awaitable<std::map<std::string, std::uint64_t>>;
    /// The stages at this moment. Live readers are not in it.
    auto snapshot() const -> sluice::graph_snapshot;
    auto live_readers() const -> std::size_t;

private:
    sluice::thread_pool& pool_;
    sluice::thread_pool disk_{1};
    struct totals totals_;
    dead_letters letters_;
    database db_;

    sluice::intake<line> clients_;
    sluice::producer_consumer<event, std::vector<event>> batch_;
    sluice::producer_consumer<std::vector<event>, stored_event> store_;
    sluice::consumer<stored_event> kinds_;
};

}  // namespace collector
