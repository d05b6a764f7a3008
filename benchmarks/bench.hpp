#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace sluice::benchmarks {

/// One way to do a row's work. Answers something that proves the work was done, the same for all ways of a row.
struct way {
    enum class part : unsigned char {
        ours,      ///< Sluice
        limit,     ///< what no library can beat: a plain loop, a hand-written program
        channels,  ///< hand-rolled Asio channels
        note,      ///< another figure of interest
    };

    part what = part::note;
    std::string name;
    std::function<std::uint64_t()> run;
};

/// What the ratios of a row should be.
struct target {
    std::optional<double> at_most_limits;  ///< ours takes at most so many times the limit's time
    std::optional<double> times_channels;  ///< and is at least so many times faster than the channels
};

/// The same work, done in several ways in turn.
struct row {
    std::string name;
    std::string unit;  ///< what one of `units` is
    double units = 1;  ///< the time is divided by it
    std::uint64_t expected = 0;
    target wanted;
    std::vector<way> ways;
};

/// How a way did: a time for each repetition.
struct timing {
    std::vector<double> wall;  ///< ns a unit, by the clock
    std::vector<double> cpu;   ///< ns a unit, of all threads together
};

struct result {
    row const* of = nullptr;
    std::vector<timing> ways;

    /// Median over the repetitions of the ratio of two ways' times in the same repetition; nothing if there is no such
    /// way.
    [[nodiscard]] auto ratio(way::part of_what, way::part to_what,
                             std::vector<double> timing::*kind = &timing::wall) const -> std::optional<double>;
};

struct measuring {
    std::size_t repetitions = 7;
    double seconds = 0.05;  ///< a way is repeated until it has taken so long, in each repetition
};

[[nodiscard]] auto median(std::vector<double> values) -> double;

/// Runs a row's ways in turn, as often as asked. Throws std::runtime_error when a way answers another thing than
/// expected.
[[nodiscard]] auto measure(row const& work, measuring const& how) -> result;

void print_table(std::ostream& out, std::vector<result> const& results);
void print_json(std::ostream& out, std::vector<result> const& results);

/// The rows. Each holds what it needs, threads included, until it is destroyed.
[[nodiscard]] auto linear_row(std::size_t events_a_batch) -> row;
[[nodiscard]] auto there_and_back_row() -> row;
[[nodiscard]] auto word_count_row() -> row;
[[nodiscard]] auto flat_word_count_row() -> row;

}  // namespace sluice::benchmarks
