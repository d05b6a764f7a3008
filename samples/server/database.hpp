#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "event.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace collector {

/// The events' table in SQLite. Its calls block, for as long as the disk takes; one thread at a time.
class database {
public:
    /// Opens the file, or makes it. `commit_delay`: how much longer each commit takes, to try what a slow disk does.
    /// Throws std::runtime_error with what SQLite says.
    database(std::string const& path, std::chrono::milliseconds commit_delay);

    /// Writes events in one transaction, and answers their numbers. When it returns they outlive a power cut; when it
    /// throws none of them is there.
    auto insert(std::vector<event> const& events) -> std::vector<std::int64_t>;

private:
    struct closer {
        void operator()(sqlite3* of) const noexcept;
        void operator()(sqlite3_stmt* of) const noexcept;
    };

    void execute(char const* sql);
    void insert_one(event const& what);
    [[noreturn]] void fail(std::string const& what = "SQLite") const;

    std::unique_ptr<sqlite3, closer> db_;
    std::unique_ptr<sqlite3_stmt, closer> insert_;
    std::chrono::milliseconds commit_delay_;
};

}  // namespace collector
