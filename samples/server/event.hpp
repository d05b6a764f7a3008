#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "receipt.hpp"

namespace collector {

/// What a client has sent, as it came.
struct line {
    std::string text;
    claim from;
    bool is_cut = false;  // it was too long, and this is its beginning
};

/// A line that is an event: {"id":"…","kind":"…", …}.
struct event {
    std::string id;
    std::string kind;
    std::string body;  // the JSON, on one line
    claim from;
};

/// An event that is in the database. Live readers share its text.
struct stored_event {
    std::int64_t number = 0;
    std::string kind;
    std::shared_ptr<std::string const> body;
};

}  // namespace collector
