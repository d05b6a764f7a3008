#include <iomanip>
#include <ostream>
#include <sstream>

#include "bench.hpp"

namespace sluice::benchmarks {
namespace {

auto number(double value) -> std::string {
    std::ostringstream out;
    out << std::fixed << std::setprecision(value < 10 ? 2 : value < 100 ? 1 : 0) << value;
    return out.str();
}

auto verdict(bool met) -> char const* { return met ? "met" : "MISSED"; }

void print_ratios(std::ostream& out, result const& r) {
    auto const& wanted = r.of->wanted;
    if (auto const times = r.ratio(way::part::ours, way::part::limit)) {
        out << "    ours / limit       " << number(*times) << "  (cpu "
            << number(*r.ratio(way::part::ours, way::part::limit, &timing::cpu)) << ')';
        if (wanted.at_most_limits) {
            out << "  to be at most " << number(*wanted.at_most_limits) << ": "
                << verdict(*times <= *wanted.at_most_limits);
        }
        out << '\n';
    }
    if (auto const times = r.ratio(way::part::channels, way::part::ours)) {
        out << "    channels / ours    " << number(*times) << "  (cpu "
            << number(*r.ratio(way::part::channels, way::part::ours, &timing::cpu)) << ')';
        if (wanted.times_channels) {
            out << "  to be at least " << number(*wanted.times_channels) << ": "
                << verdict(*times >= *wanted.times_channels);
        }
        out << '\n';
    }
}

void print_list(std::ostream& out, std::vector<double> const& values) {
    out << '[';
    for (std::size_t i = 0; i < values.size(); ++i) out << (i > 0 ? ", " : "") << values[i];
    out << ']';
}

void print_optional(std::ostream& out, std::optional<double> value) { value ? out << *value : out << "null"; }

}  // namespace

void print_table(std::ostream& out, std::vector<result> const& results) {
    for (auto const& r : results) {
        out << r.of->name << ", ns per " << r.of->unit << '\n';
        out << "    " << std::left << std::setw(52) << "" << std::right << std::setw(10) << "median" << std::setw(10)
            << "least" << std::setw(10) << "cpu" << '\n';
        for (std::size_t w = 0; w < r.ways.size(); ++w) {
            auto const& wall = r.ways[w].wall;
            auto least = wall.front();
            for (double each : wall) least = each < least ? each : least;
            out << "    " << std::left << std::setw(52) << r.of->ways[w].name << std::right << std::setw(10)
                << number(median(wall)) << std::setw(10) << number(least) << std::setw(10)
                << number(median(r.ways[w].cpu)) << '\n';
        }
        print_ratios(out, r);
        out << '\n';
    }
}

void print_json(std::ostream& out, std::vector<result> const& results) {
    out << "[\n";
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto const& r = results[i];
        out << "  {\"name\": \"" << r.of->name << "\", \"unit\": \"" << r.of->unit << "\", \"ours_to_limit\": ";
        print_optional(out, r.ratio(way::part::ours, way::part::limit));
        out << ", \"channels_to_ours\": ";
        print_optional(out, r.ratio(way::part::channels, way::part::ours));
        out << ", \"ways\": [\n";
        for (std::size_t w = 0; w < r.ways.size(); ++w) {
            out << "    {\"name\": \"" << r.of->ways[w].name << "\", \"wall_ns\": ";
            print_list(out, r.ways[w].wall);
            out << ", \"cpu_ns\": ";
            print_list(out, r.ways[w].cpu);
            out << (w + 1 < r.ways.size() ? "},\n" : "}\n");
        }
        out << (i + 1 < results.size() ? "  ]},\n" : "  ]}\n");
    }
    out << "]\n";
}

}  // namespace sluice::benchmarks
