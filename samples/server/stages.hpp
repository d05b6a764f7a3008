#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <sluice/flow/on_error.hpp>
#include <sluice/inlet.hpp>
#include <sluice/outlet.hpp>
#include <sluice/shared_batch.hpp>
#include <string>
#include <vector>

#include "database.hpp"
#include "dead_letters.hpp"
#include "event.hpp"

namespace collector {

/// What has come out of the pipeline so far.
struct totals {
    std::atomic<std::uint64_t> stored = 0;
    std::atomic<std::uint64_t> rejected = 0;
    std::atomic<std::uint64_t> failed = 0;        // neither in the database nor among the dead letters
    std::atomic<std::uint64_t> live_dropped = 0;  // live readers that were too slow
};

/// Where lines go that are no events. One letter at a time.
struct letter_box {
    dead_letters* file;
    totals* count;

    void operator()(sluice::flow::dead_letter<line> const& letter) const;
};

/// The stage in which SQLite is called: a transaction for each batch, then its events go on. A batch that cannot be
/// written has failed, and the next one is tried: the disk may have room again.
auto store(sluice::inlet<std::vector<event>>& in, sluice::outlet<stored_event>& out, database& db, totals& count)
    -> asio::awaitable<void>;

/// A stage that counts how many events of each kind there are, of a hundred kinds; the others together.
struct kind_counter {
    std::map<std::string, std::uint64_t> counts = {};

    void handle_events(sluice::shared_batch<stored_event> const& events);
};

}  // namespace collector
