// The command line.
#include "options.hpp"

#include <charconv>
#include <functional>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

namespace collector {
namespace {

using namespace std::literals;

struct row {
    std::string_view name;
    std::string_view value;
    std::string_view help;
    std::function<void(options&, std::string_view)> set;
};

[[noreturn]] void refuse(std::string_view value, std::string const& why) {
    throw usage_error("\"" + std::string(value) + "\" " + why);
}

auto number(std::string_view text, std::uint64_t least, std::uint64_t most) -> std::uint64_t {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const is_number = error == std::errc() && end == text.data() + text.size();
    if (!is_number || value < least || value > most) {
        refuse(text, "is no number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
}

auto count(std::size_t options::*into, std::uint64_t least, std::uint64_t most) {
    return [=](options& o, std::string_view text) { o.*into = number(text, least, most); };
}

auto duration(std::chrono::milliseconds options::*into, std::uint64_t least) {
    return [=](options& o, std::string_view text) {
        o.*into = std::chrono::milliseconds(number(text, least, 24 * 3600 * 1000));
    };
}

auto path(std::string options::*into) {
    return [=](options& o, std::string_view text) {
        if (text.empty()) refuse(text, "is no name of a file");
        o.*into = text;
    };
}

auto host_and_port(std::optional<address> options::*into) {
    return [=](options& o, std::string_view text) {
        auto const colon = text.rfind(':');
        if (colon == text.npos || colon == 0) refuse(text, "is not HOST:PORT, such as 127.0.0.1:8080");
        auto host = text.substr(0, colon);
        if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
        auto const port = number(text.substr(colon + 1), 0, 65535);
        o.*into = address{std::string(host), static_cast<std::uint16_t>(port)};
    };
}

auto table() -> std::vector<row> const& {
    constexpr std::uint64_t giga = 1 << 30;
    static std::vector<row> const rows = {
        {"--database", "FILE", "the SQLite database; made if it is not there", path(&options::database)},
        {"--dead-letters", "FILE", "where rejected lines are appended to", path(&options::dead_letters)},
        {"--http", "HOST:PORT", "serve HTTP here; port 0: any that is free", host_and_port(&options::http)},
        {"--lines", "HOST:PORT", "take events here, one a line over plain TCP", host_and_port(&options::lines)},
        {"--threads", "N", "threads that serve clients (default: one for each core)", count(&options::threads, 1, 256)},
        {"--batch", "N", "events in a transaction at most (500)", count(&options::batch, 1, 100'000)},
        {"--linger", "MS", "how long an event waits for others (20)", duration(&options::linger, 1)},
        {"--max-body", "BYTES", "largest body of a request (1048576)", count(&options::max_body, 1, giga)},
        {"--max-line", "BYTES", "longest event (16384)", count(&options::max_line, 16, giga)},
        {"--max-header", "BYTES", "largest header of a request (8192)", count(&options::max_header, 64, giga)},
        {"--max-connections", "N", "clients at a time (1000)", count(&options::max_connections, 1, 1'000'000)},
        {"--timeout", "MS", "patience with a client that sends or takes nothing, and with a whole request (10000)",
         duration(&options::timeout, 1)},
        {"--live-lag", "N", "events that a live reader may fall behind (1000)",
         count(&options::live_lag, 1, 1'000'000)},
        {"--drain", "MS", "how long an orderly stop may take (5000)", duration(&options::drain, 1)},
        {"--commit-delay", "MS", "makes each commit so much slower, to try back-pressure (0)",
         duration(&options::commit_delay, 0)},
        {"--help", "", "says this", [](options& o, std::string_view) { o.help = true; }},
    };
    return rows;
}

auto row_of(std::string_view name) -> row const& {
    for (auto const& each : table()) {
        if (each.name == name) return each;
    }
    throw usage_error("there is no option " + std::string(name));
}

}  // namespace

auto read_options(int argc, char const* const* argv) -> options {
    options result;
    for (int i = 1; i < argc; ++i) {
        std::string_view name = argv[i];
        std::optional<std::string_view> value;
        if (auto const equals = name.find('='); equals != name.npos) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        }
        auto const& option = row_of(name);
        if (option.value.empty() && value) throw usage_error(std::string(name) + " takes no value");
        if (!option.value.empty() && !value) {
            if (++i == argc) throw usage_error(std::string(name) + " needs a value: " + std::string(option.value));
            value = argv[i];
        }
        try {
            option.set(result, value.value_or(""));
        } catch (usage_error const& error) {
            throw usage_error(std::string(name) + ": " + error.what());
        }
    }
    if (result.help) return result;
    if (result.database.empty()) throw usage_error("--database FILE is missing");
    if (result.dead_letters.empty()) throw usage_error("--dead-letters FILE is missing");
    if (!result.http && !result.lines) throw usage_error("give at least one of --http and --lines HOST:PORT");
    return result;
}

void print_help(std::ostream& to) {
    to << "usage: collector --database FILE --dead-letters FILE [--http HOST:PORT] [--lines HOST:PORT] [OPTION ...]\n"
          "Takes events from clients, and answers when they are in the database. See samples/server/README.md.\n\n";
    for (auto const& each : table()) {
        auto left = "  " + std::string(each.name) + " " + std::string(each.value);
        left.resize(std::max<std::size_t>(left.size() + 1, 28), ' ');
        to << left << each.help << '\n';
    }
}

}  // namespace collector
