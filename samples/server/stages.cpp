// The bodies of the stages.
#include "stages.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "parse.hpp"

namespace collector {
namespace {

// Writes a batch, and tells everybody who waits for one of its events.
auto write(std::vector<event>& events, sluice::batch<stored_event> into, database& db, totals& count)
    -> sluice::batch<stored_event> {
    try {
        auto const numbers = db.insert(events);
        count.stored += events.size();
        for (std::size_t i = 0; i < events.size(); ++i) {
            auto& each = events[i];
            each.from.stored();
            into.push_back(
                {numbers[i], std::move(each.kind), std::make_shared<std::string const>(std::move(each.body))});
        }
    } catch (std::exception const& error) {
        spdlog::error("{} events were not stored: {}", events.size(), error.what());
        count.failed += events.size();
        events.clear();  // their claims go unsettled, and so have failed
    }
    return into;
}

}  // namespace

auto store(sluice::inlet<std::vector<event>>& in, sluice::outlet<stored_event>& out, database& db, totals& count)
    -> asio::awaitable<void> {
    while (auto batches = co_await in.receive()) {
        for (auto& each : *batches) {
            auto stored = write(each, out.make_batch(), db, count);
            co_await out.emit(std::move(stored));  // nobody who reads it ever waits: see live_session.cpp
        }
    }
}

void letter_box::operator()(sluice::flow::dead_letter<line> const& letter) const {
    try {
        std::rethrow_exception(letter.error);
    } catch (bad_line const& bad) {
        if (file->write(bad.what(), bad.text().text)) {
            ++count->rejected;
            bad.text().from.rejected();
        } else {
            spdlog::error("a rejected line could not be written to the file of dead letters");
            ++count->failed;
        }
    }
}

void kind_counter::handle_events(sluice::shared_batch<stored_event> const& events) {
    for (auto const& each : events) {
        auto const known = counts.find(each.kind);
        if (known != counts.end()) {
            ++known->second;
        } else {
            ++counts[counts.size() < 100 ? each.kind : "(others)"];
        }
    }
}

}  // namespace collector
