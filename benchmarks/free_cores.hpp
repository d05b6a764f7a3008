#pragma once

#include <optional>
#include <string>

namespace sluice::benchmarks {

/// Sees whether two cores were free from its construction on.
///
/// Two threads spin through a fixed amount of work, one after the other and both at once, when it is made and when it
/// is asked. If the two at once take a tenth longer, or it differs by as much before and after, then they did not have
/// a core each, or the processor changed its pace. Besides, the system says how much time everybody else has used in
/// between.
class free_cores {
public:
    /// Takes a fourth of a second.
    free_cores();

    /// Why they were not free at the beginning; nothing if they were.
    [[nodiscard]] auto trouble_before() const -> std::optional<std::string>;
    /// Why they were not free all the time until now; nothing if they were. Takes a tenth of a second.
    [[nodiscard]] auto trouble() const -> std::optional<std::string>;

    /// How far the cores were from each other when it was made: ns for a number to go to another thread's core and
    /// back, both of which spin. A virtual machine's cores may be neighbours now and far from each other a minute
    /// later.
    [[nodiscard]] auto apart() const -> double { return apart_; }

private:
    struct spun {
        double alone = 0;     // seconds for a fixed amount of work
        double together = 0;  // of the slower of two, for that much each
    };
    struct clocks {
        double wall = 0;
        double others = 0;  // seconds that others have used, of all cores, since the system runs
    };

    static auto spin() -> spun;
    static auto read_clocks() -> clocks;
    static auto trouble_of(spun const& times) -> std::optional<std::string>;

    static auto ns_apart() -> double;
    static auto trouble_since(clocks const& began) -> std::optional<std::string>;

    spun before_;
    double apart_ = 0;
    std::optional<std::string> others_before_;
    clocks began_;
};

/// Waits some seconds for two free cores, unless any are accepted.
[[nodiscard]] auto wait_for_free_cores(bool accept_busy) -> free_cores;

}  // namespace sluice::benchmarks
