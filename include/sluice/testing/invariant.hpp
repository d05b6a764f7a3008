#pragma once

#include <sluice/core/api.hpp>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::testing {

/// A statement about the program under test that turned out false.
class SLUICE_THROWN violation : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Throws violation with the text and the place, and notes it in the violation_log, if there is one.
[[noreturn]] SLUICE_API void fail(std::string_view text,
                                  std::source_location const& where = std::source_location::current());

/// Collects the violations of its lifetime in this thread, also those that the code under test catches: a violation
/// thrown in a body ends a stage like any other exception, and must not pass for one. Explorations have one for each
/// schedule. They nest; the innermost collects.
class SLUICE_API violation_log {
public:
    /// Collects from now on, instead of the one that did.
    violation_log() noexcept;
    violation_log(violation_log const&) = delete;
    auto operator=(violation_log const&) -> violation_log& = delete;
    ~violation_log();

    /// What was noted, in order.
    auto texts() const noexcept -> std::vector<std::string> const& { return texts_; }

private:
    friend void fail(std::string_view, std::source_location const&);

    std::vector<std::string> texts_;
    violation_log* outer_;
};

/// States what must hold; calls fail() if it does not. Unlike assert, it stays in every build.
inline void invariant(bool holds, std::string_view text,
                      std::source_location const& where = std::source_location::current()) {
    if (!holds) [[unlikely]] {
        fail(text, where);
    }
}

}  // namespace sluice::testing
