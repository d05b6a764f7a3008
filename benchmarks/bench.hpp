#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <sluice/thread_pool.hpp>
#include <string>
#include <vector>

#include "document.hpp"

namespace sluice::benchmarks {

/// One way to do a row's work. Answers something that proves the work was done, the same for all ways of a row.
struct way {
    enum class part : unsigned char {
        ours,      ///< Sluice
        limit,     ///< what no library can beat: a plain loop, a hand-written program
        ring,      ///< a ring between two threads, written by hand
        channels,  ///< hand-rolled Asio channels
        peer,      ///< another library
        note,      ///< another figure of interest
    };

    part what = part::note;
    std::string name;
    std::function<std::uint64_t()> run;
};

/// What a row should reach.
struct target {
    std::optional<double> at_most_ns;      ///< ours, a unit
    std::optional<double> at_most_limits;  ///< ours takes at most so many times the limit's time
    std::optional<double> times_channels;  ///< and is at least so many times faster than the first of the channels
};

/// The same work, done in several ways in turn.
struct row {
    std::string name;
    std::string unit;  ///< what one of `units` is
    double units = 1;  ///< the time is divided by it
    std::uint64_t expected = 0;
    target wanted;
    std::vector<way> ways;
    std::vector<std::string> missing;  ///< ways that cannot be measured here, and why
};

/// A pool of two threads that are started when it is first used: so a process that has not used it can fork.
class two_threads {
public:
    auto pool() -> thread_pool& {
        if (!pool_) pool_ = std::make_unique<thread_pool>(2);
        return *pool_;
    }
    auto context() -> asio::io_context& { return pool().context(); }

private:
    std::unique_ptr<thread_pool> pool_;
};

struct measuring {
    std::size_t repetitions = 7;
    double seconds = 0.05;     ///< a way is repeated until it has taken so long, in each repetition
    bool accept_busy = false;  ///< measure also where the cores are not free, and say so
};

/// What a benchmark program may be told.
struct arguments {
    bool json = false;
    std::string only;      ///< part of a row's name
    std::string only_way;  ///< part of a way's name
    measuring how;
};

/// Throws std::invalid_argument, with what would have been right.
[[nodiscard]] auto parse_arguments(int argc, char** argv) -> arguments;

/// Says on the standard error what is being done, if that is a terminal; nothing if `what` is empty.
void show_progress(std::string const& what);

/// Runs a row's ways in turn, as often as asked. Refuses where two cores are not free before and after, even after
/// some attempts. Throws std::runtime_error when a way answers another thing than expected.
[[nodiscard]] auto measure(row const& work, measuring const& how) -> row_figures;

/// The peak of resident memory, in bytes, of a process that runs this way once. Only for a process of one thread: it
/// forks. Throws std::runtime_error when the way answers another thing than expected.
[[nodiscard]] auto peak_rss(row const& work, way const& how) -> std::uint64_t;

[[nodiscard]] auto median(std::vector<double> values) -> double;

/// Ratio of two ways' times, in each repetition.
[[nodiscard]] auto ratios(std::vector<double> const& above, std::vector<double> const& below) -> std::vector<double>;

void print_table(std::ostream& out, row_figures const& row);

/// The rows. Each holds what it needs, threads included, until it is destroyed.
[[nodiscard]] auto linear_row(std::size_t events_a_batch) -> row;
[[nodiscard]] auto broadcast_row(std::size_t events_a_batch) -> row;
[[nodiscard]] auto partition_row(std::size_t events_a_batch) -> row;
[[nodiscard]] auto there_and_back_row() -> row;
[[nodiscard]] auto word_count_row() -> row;
[[nodiscard]] auto flat_word_count_row() -> row;

}  // namespace sluice::benchmarks
