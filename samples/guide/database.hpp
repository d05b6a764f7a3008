#pragma once
// A table of lines in SQLite, for line_store.cpp and line_server.cpp. Its calls block.
#include <sqlite3.h>

#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

using line = std::string;
using lines = std::vector<line>;

class database {
public:
    explicit database(char const* path) {
        sqlite3* opened = nullptr;
        int const result = sqlite3_open(path, &opened);
        handle_.reset(opened);
        check(result);
        run("CREATE TABLE IF NOT EXISTS lines (text TEXT NOT NULL)");
        sqlite3_stmt* prepared = nullptr;
        check(sqlite3_prepare_v2(handle_.get(), "INSERT INTO lines VALUES (?)", -1, &prepared, nullptr));
        insert_.reset(prepared);
    }

    // In one transaction: all of them or, if it throws, none. That costs hardly more for a hundred rows than for one.
    // Any range of std::string.
    template <std::ranges::input_range Rows>
    void insert(Rows const& rows) {
        run("BEGIN");
        try {
            for (std::string const& row : rows) {
                check(sqlite3_bind_text(insert_.get(), 1, row.data(), static_cast<int>(row.size()), SQLITE_STATIC));
                sqlite3_step(insert_.get());
                check(sqlite3_reset(insert_.get()));
            }
            run("COMMIT");
        } catch (...) {
            sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
            throw;
        }
    }

private:
    struct closer {
        void operator()(sqlite3* handle) const { sqlite3_close(handle); }
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };

    void check(int result) const {
        if (result != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(handle_.get()));
    }
    void run(char const* statement) { check(sqlite3_exec(handle_.get(), statement, nullptr, nullptr, nullptr)); }

    std::unique_ptr<sqlite3, closer> handle_;
    std::unique_ptr<sqlite3_stmt, closer> insert_;
};
