#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "document.hpp"

namespace sluice::benchmarks {

/// What the programs that draw curves are told.
struct curve_options {
    std::size_t repetitions = 3;
    bool json = false;
    bool accept_busy = false;       ///< figures even if two cores are not free
    bool longer = false;            ///< the points that take minutes too
    std::string only;               ///< part of a name
    std::vector<std::string> rest;  ///< what is no option
};

/// `--json --only PART --repetitions N --seconds S --accept-busy --longer`. Throws std::invalid_argument.
[[nodiscard]] auto parse_options(int argc, char** argv, std::size_t repetitions = 3) -> curve_options;

/// Moment in ns, by the clock.
[[nodiscard]] auto now_ns() -> std::uint64_t;

/// Memory of this process, in bytes: resident now, and the most that ever was.
[[nodiscard]] auto resident_bytes() -> double;
[[nodiscard]] auto peak_resident_bytes() -> double;

/// A line of a curve, and what measures it: its value at x.
struct line {
    std::string name;
    std::function<double(double x)> at;
};

/// Collects what a program measures, and prints it in the end: a table for people, or JSON.
class figures {
public:
    figures(std::string program, curve_options options) : program_(std::move(program)), options_(std::move(options)) {}

    [[nodiscard]] auto options() const -> curve_options const& { return options_; }
    /// Whether `--only` leaves it in.
    [[nodiscard]] auto wanted(std::string const& name) const -> bool {
        return name.find(options_.only) != std::string::npos;
    }

    /// Calls `measure_them`, which adds curves and facts. When the two cores were not free, before or after, what it
    /// added is thrown away, and it is called again; in the end it is refused.
    void when_quiet(std::function<void()> const& measure_them);

    /// Measures each line at each x, all of them once, then all again: so a machine that becomes slower does so for
    /// all. Returns what came out.
    auto measure(curve_figures head, std::vector<double> const& xs, std::vector<line> const& lines) -> curve_figures;
    /// Nothing if it has no lines, because others were wanted.
    void add(curve_figures curve) {
        if (!curve.all.empty()) all_.curves.push_back(std::move(curve));
    }
    void add(fact_figures fact) { all_.facts.push_back(std::move(fact)); }

    /// Prints everything, with the peak of resident memory. Returns the program's status: failure if something was
    /// refused.
    [[nodiscard]] auto print() -> int;

private:
    void accept(std::size_t curves, std::size_t facts, std::string const& why);
    void refuse(std::size_t curves, std::size_t facts, std::string const& why);

    std::string program_;
    curve_options options_;
    document all_;
    bool refused_ = false;
};

/// The line's values at x; throws std::out_of_range if there is no such point.
[[nodiscard]] auto values_at(curve_figures const& curve, std::string const& line, double x)
    -> std::vector<double> const&;

[[nodiscard]] auto median(std::vector<double> values) -> double;

/// One by one: the repetitions' own ratios.
[[nodiscard]] auto ratios(std::vector<double> const& above, std::vector<double> const& below) -> std::vector<double>;

/// Runs `body` with the options and prints; says what was wrong if it throws.
[[nodiscard]] auto run_program(char const* name, int argc, char** argv, std::size_t repetitions,
                               std::function<void(figures&)> const& body) -> int;

}  // namespace sluice::benchmarks
