#pragma once

#include <cstddef>
#include <iosfwd>
#include <sluice/core/api.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::testing {

/// One decision that a chooser took: `taken` of the possibilities 0 … `options` − 1.
struct taken_choice {
    std::size_t taken = 0;    ///< which
    std::size_t options = 1;  ///< of how many

    friend auto operator==(taken_choice const&, taken_choice const&) -> bool = default;
};

/// The decisions of one schedule, in the order in which they were asked for. A trace replays its schedule exactly
/// (replay_chooser), also one that no seed would ever produce.
///
/// Printed as `taken/options` with repetitions counted, so that it fits in a line: `0/3*12 2/3 1/2`.
class SLUICE_API trace {
public:
    trace() = default;
    /// Of these decisions.
    explicit trace(std::vector<taken_choice> choices) : choices_{std::move(choices)} {}

    /// @{
    /// As in std::vector.
    void push_back(taken_choice choice) { choices_.push_back(choice); }
    void resize(std::size_t size) { choices_.resize(size); }
    void clear() noexcept { choices_.clear(); }

    auto size() const noexcept -> std::size_t { return choices_.size(); }
    auto empty() const noexcept -> bool { return choices_.empty(); }
    auto operator[](std::size_t index) -> taken_choice& { return choices_[index]; }
    auto operator[](std::size_t index) const -> taken_choice const& { return choices_[index]; }
    auto begin() const noexcept { return choices_.begin(); }
    auto end() const noexcept { return choices_.end(); }
    auto back() -> taken_choice& { return choices_.back(); }
    void pop_back() { choices_.pop_back(); }
    /// @}

    /// How many decisions differ from 0, the first and simplest possibility.
    auto deviations() const noexcept -> std::size_t;

    friend auto operator==(trace const&, trace const&) -> bool = default;

private:
    std::vector<taken_choice> choices_;
};

/// The printed form. An empty trace prints as `-`.
SLUICE_API auto to_string(trace const& decisions) -> std::string;
/// Writes the printed form.
SLUICE_API auto operator<<(std::ostream& out, trace const& decisions) -> std::ostream&;

/// Reads the printed form back. Throws std::invalid_argument that names the word it could not read.
SLUICE_API auto parse_trace(std::string_view text) -> trace;

}  // namespace sluice::testing
