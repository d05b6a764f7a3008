#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "bench.hpp"

namespace sluice::benchmarks {
namespace {

auto number(double value) -> std::string {
    std::ostringstream out;
    out << std::fixed << std::setprecision(value < 10 ? 2 : value < 100 ? 1 : 0) << value;
    return out.str();
}

auto first_of(row_figures const& row, std::string_view part) -> way_figures const* {
    auto const found = std::ranges::find(row.ways, part, &way_figures::part);
    return found == row.ways.end() ? nullptr : &*found;
}

auto spread(std::vector<double> const& values) -> std::string {
    auto const [least, greatest] = std::ranges::minmax(values);
    return number(median(values)) + "  (" + number(least) + " … " + number(greatest) + ')';
}

void print_way(std::ostream& out, way_figures const& each, way_figures const* ours) {
    auto const megabytes = [](std::uint64_t bytes) { return number(static_cast<double>(bytes) / 1e6); };
    out << "    " << std::left << std::setw(42) << each.name << std::right << std::setw(10) << number(median(each.wall))
        << std::setw(10) << number(std::ranges::min(each.wall)) << std::setw(10) << number(median(each.cpu))
        << std::setw(8) << (each.peak_rss ? megabytes(*each.peak_rss) : "");
    if (ours != nullptr && ours != &each) out << "    " << spread(ratios(each.wall, ours->wall));
    out << '\n';
}

/// What a target is about, measured; nothing if a way is missing.
auto measured_for(row_figures const& row, std::string_view name) -> std::optional<double> {
    auto const* const ours = first_of(row, "ours");
    if (ours == nullptr) return std::nullopt;
    if (name == "at_most_ns") return median(ours->wall);
    auto const* const other = first_of(row, name == "at_most_limits" ? "limit" : "channels");
    if (other == nullptr) return std::nullopt;
    return median(name == "at_most_limits" ? ratios(ours->wall, other->wall) : ratios(other->wall, ours->wall));
}

void print_target(std::ostream& out, row_figures const& row, std::string_view name, double wanted) {
    auto const value = measured_for(row, name);
    if (!value) return;
    auto const least = name == "times_channels";
    auto const met = least ? *value >= wanted : *value <= wanted;
    out << "    "
        << (name == "at_most_ns" ? "ours, ns"
            : least              ? "channels / ours"
                                 : "ours / limit")
        << ' ' << number(*value) << ", to be at " << (least ? "least " : "most ") << number(wanted) << ": "
        << (met ? "met" : "MISSED") << '\n';
}

}  // namespace

void print_table(std::ostream& out, row_figures const& row) {
    out << row.name << ", ns per " << row.unit << '\n';
    if (row.refused) {
        out << "    REFUSED: " << *row.refused << "\n\n";
        return;
    }
    out << "    " << std::setw(42) << "" << std::setw(10) << "median" << std::setw(10) << "least" << std::setw(10)
        << "cpu" << std::setw(8) << "MB"
        << "    times ours (least … greatest)\n";
    auto const* const ours = first_of(row, "ours");
    for (auto const& each : row.ways) print_way(out, each, ours);
    for (auto const& [name, wanted] : row.targets) print_target(out, row, name, wanted);
    out << "    the cores were " << number(row.cores_apart) << " ns apart, there and back\n";
    for (auto const& each : row.missing) out << "    " << each << '\n';
    if (row.busy) out << "    ON A BUSY MACHINE: " << *row.busy << '\n';
    out << '\n';
}

void show_progress(std::string const& what) {
    if (::isatty(STDERR_FILENO) == 0) return;
    std::cerr << "\r\033[K" << what << std::flush;
}

auto parse_arguments(int argc, char** argv) -> arguments {
    std::invalid_argument const usage(
        "options: --json, --accept-busy, --only PART_OF_A_NAME, --way PART_OF_A_NAME, --repetitions N, --seconds S");
    arguments result;
    for (int i = 1; i < argc; ++i) {
        std::string_view const name(argv[i]);
        if (name == "--json") {
            result.json = true;
        } else if (name == "--accept-busy") {
            result.how.accept_busy = true;
        } else if (i + 1 == argc) {
            throw usage;
        } else if (std::string const value(argv[++i]); name == "--only") {
            result.only = value;
        } else if (name == "--way") {
            result.only_way = value;
        } else if (name == "--repetitions") {
            result.how.repetitions = std::max(1UL, std::stoul(value));
        } else if (name == "--seconds") {
            result.how.seconds = std::stod(value);
        } else {
            throw usage;
        }
    }
    return result;
}

}  // namespace sluice::benchmarks
