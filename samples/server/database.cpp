// The events in SQLite.
#include "database.hpp"

#include <sqlite3.h>

#include <stdexcept>
#include <thread>

namespace collector {

void database::closer::operator()(sqlite3* of) const noexcept { sqlite3_close(of); }
void database::closer::operator()(sqlite3_stmt* of) const noexcept { sqlite3_finalize(of); }

database::database(std::string const& path, std::chrono::milliseconds commit_delay) : commit_delay_(commit_delay) {
    sqlite3* opened = nullptr;
    int const result = sqlite3_open_v2(path.c_str(), &opened,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    db_.reset(opened);
    if (result != SQLITE_OK) fail("cannot open " + path);
    sqlite3_busy_timeout(opened, 5000);  // somebody else may be reading
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = FULL");
    execute(
        "CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, "
        "kind TEXT NOT NULL, body TEXT NOT NULL)");
    sqlite3_stmt* prepared = nullptr;
    auto const* const sql = "INSERT INTO events (id, kind, body) VALUES (?, ?, ?)";
    if (sqlite3_prepare_v3(opened, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) != SQLITE_OK) fail();
    insert_.reset(prepared);
}

auto database::insert(std::vector<event> const& events) -> std::vector<std::int64_t> {
    std::vector<std::int64_t> numbers;
    numbers.reserve(events.size());
    execute("BEGIN IMMEDIATE");
    try {
        for (auto const& each : events) {
            insert_one(each);
            numbers.push_back(sqlite3_last_insert_rowid(db_.get()));
        }
        std::this_thread::sleep_for(commit_delay_);
        execute("COMMIT");
    } catch (...) {
        sqlite3_reset(insert_.get());
        sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);  // may have been done by SQLite already
        throw;
    }
    return numbers;
}

void database::insert_one(event const& what) {
    auto const bind = [this](int place, std::string const& text) {
        auto const size = static_cast<sqlite3_uint64>(text.size());
        // Not copied: it is there until the step is over.
        if (sqlite3_bind_text64(insert_.get(), place, text.data(), size, SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
            fail();
    };
    bind(1, what.id);
    bind(2, what.kind);
    bind(3, what.body);
    if (sqlite3_step(insert_.get()) != SQLITE_DONE) fail();
    sqlite3_reset(insert_.get());
}

void database::execute(char const* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void database::fail(std::string const& what) const {
    throw std::runtime_error(what + ": " + sqlite3_errmsg(db_.get()));
}

}  // namespace collector
