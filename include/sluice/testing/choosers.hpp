#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/testing/chooser.hpp>
#include <sluice/testing/random_source.hpp>
#include <span>

namespace sluice::testing {

/// Everything at random. Finds most bugs within a few seeds.
class SLUICE_API random_chooser final : public chooser {
public:
    /// The same seed, the same decisions.
    explicit random_chooser(std::uint64_t seed) noexcept : random_{seed} {}

private:
    auto decide(decision about, std::size_t n, std::size_t odds) -> std::size_t override;

    random_source random_;
};

/// First in, first out, except that from time to time one handler, the victim, is passed over by all that come after
/// it, for a while or until nothing else is left to run. Finds the bugs that need one long delay in an otherwise
/// orderly run, which random orders hardly ever produce (the idea of PCT, probabilistic concurrency testing).
/// How often and for how long is drawn per seed, from nearly never to nearly always. Values are random.
class SLUICE_API delay_chooser final : public chooser {
public:
    /// The same seed, the same decisions.
    explicit delay_chooser(std::uint64_t seed) noexcept;

private:
    auto decide(decision about, std::size_t n, std::size_t odds) -> std::size_t override;
    auto decide_order(std::size_t n) -> std::size_t;

    random_source random_;
    std::size_t between_delays_;
    std::size_t longest_delay_;
    std::optional<std::size_t> victim_;
    std::size_t patience_ = 0;
};

/// First in, first out, nothing rare happens: the order of a quiet io_context with one thread. Values are 0, or random
/// if a seed is given.
class SLUICE_API fifo_chooser final : public chooser {
public:
    fifo_chooser() = default;
    /// Order as without a seed; values are drawn from this one.
    explicit fifo_chooser(std::uint64_t seed) noexcept : random_{random_source{seed}} {}

private:
    auto decide(decision about, std::size_t n, std::size_t odds) -> std::size_t override;

    std::optional<random_source> random_;
};

/// Depth-first through all decisions: run the scenario, call next(), run it again, until next() is false.
///
/// The first run takes possibility 0 everywhere. Each run must ask the same questions as long as it gets the same
/// answers, else std::logic_error says so. The number of schedules grows with the factorial of the handlers that
/// are ready at a time, so this is for graphs with one or two events.
class SLUICE_API exhaustive_chooser final : public chooser {
public:
    /// Goes to the next schedule; false when there is none.
    auto next() -> bool;

private:
    auto decide(decision about, std::size_t n, std::size_t odds) -> std::size_t override;

    trace path_;
    std::size_t depth_ = 0;
};

/// A fuzzer's bytes decide: one byte for a choice among up to 256, more for a larger one. When they are used up,
/// possibility 0 everywhere.
class SLUICE_API byte_chooser final : public chooser {
public:
    /// The bytes must outlive the chooser.
    explicit byte_chooser(std::span<std::byte const> bytes) noexcept : bytes_{bytes} {}

private:
    auto decide(decision about, std::size_t n, std::size_t odds) -> std::size_t override;

    std::span<std::byte const> bytes_;
};

/// Repeats the decisions of a trace, then takes possibility 0 everywhere. A recorded answer that is no longer possible
/// becomes the last one that is.
class SLUICE_API replay_chooser final : public chooser {
public:
    /// The decisions to repeat.
    explicit replay_chooser(trace decisions) noexcept : script_{std::move(decisions)} {}

    /// Whether a question differed from the recorded one, or the script did not cover it: then this is another
    /// schedule.
    auto diverged() const noexcept -> bool { return diverged_; }

private:
    auto decide(decision about, std::size_t n, std::size_t odds) -> std::size_t override;

    trace script_;
    std::size_t position_ = 0;
    bool diverged_ = false;
};

/// The chooser that a seed of explore() stands for: random for even seeds, one long delay for odd ones.
SLUICE_API auto chooser_for_seed(std::uint64_t seed) -> std::unique_ptr<chooser>;

}  // namespace sluice::testing
