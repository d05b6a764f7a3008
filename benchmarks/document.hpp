#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::benchmarks {

/// At most or at least so much.
struct bound {
    std::optional<double> at_most;
    std::optional<double> at_least;
};

/// One way to do a row's work, and how it did.
struct way_figures {
    std::string name;
    std::string part;                       ///< "ours", "limit", "ring", "channels", "peer" or "note"
    std::vector<double> wall;               ///< by the clock, for each repetition: ns a unit
    std::vector<double> cpu;                ///< the same, of all threads together
    std::optional<std::uint64_t> peak_rss;  ///< bytes, of one repetition in a process of its own
};

/// The same work, done in several ways in turn.
struct row_figures {
    std::string name;
    std::string unit;                                     ///< what the times are for: "event"
    std::vector<std::pair<std::string, double>> targets;  ///< README.md names them
    std::vector<way_figures> ways;
    std::optional<std::string> refused;  ///< why there are no figures
    std::optional<std::string> busy;     ///< why they are worth little; --accept-busy keeps them
    std::vector<std::string> missing;    ///< ways that could not be measured, and why
    double cores_apart = 0;  ///< ns for a number to another thread's core and back, both of which spin; 0: not known
};

/// How something grows.
struct curve_figures {
    struct point {
        double x = 0;
        std::vector<double> y;  ///< one for each repetition
    };
    struct series {
        std::string name;
        std::vector<point> points;
    };
    std::string name;
    std::string x;  ///< what it is: "stages"
    std::string y;  ///< "ns an event"
    bool x_log = false;
    bool y_log = false;
    std::vector<series> all;
    bound target{};  ///< each series' greatest median to its least
    std::optional<std::string> refused{};
    std::optional<std::string> busy{};
};

/// One figure, with what it should be.
struct fact_figures {
    std::string name;
    std::string unit;
    std::vector<double> values;  ///< one for each repetition
    bound target;
    std::optional<std::string> refused{};
    std::optional<std::string> busy{};
};

/// What a benchmark program writes with --json; README.md describes the form.
struct document {
    std::vector<row_figures> rows;
    std::vector<curve_figures> curves;
    std::vector<fact_figures> facts;
};

void print_json(std::ostream& out, document const& all);

}  // namespace sluice::benchmarks
