#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <stdexcept>
#include <string>

namespace collector {

/// Where a port listens.
struct address {
    std::string host;
    std::uint16_t port = 0;  // 0: any that is free
};

/// What the command line says. Every one has its unit, default and range in `table` of options.cpp.
struct options {
    std::string database;
    std::string dead_letters;
    std::optional<address> http;
    std::optional<address> lines;

    std::size_t threads = 0;  // 0: as many as there are cores
    std::size_t batch = 500;
    std::chrono::milliseconds linger{20};
    std::size_t max_body = 1 << 20;
    std::size_t max_line = 16 << 10;
    std::size_t max_header = 8 << 10;
    std::size_t max_connections = 1000;
    std::chrono::milliseconds timeout{10'000};
    std::size_t live_lag = 1000;
    std::chrono::milliseconds drain{5000};
    std::chrono::milliseconds commit_delay{0};

    bool help = false;
};

/// The command line is wrong; what() says how.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Throws usage_error.
auto read_options(int argc, char const* const* argv) -> options;
void print_help(std::ostream& to);

}  // namespace collector
