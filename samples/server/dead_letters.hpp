#pragma once

#include <fstream>
#include <string>
#include <string_view>

namespace collector {

/// The file with the lines that were rejected: one JSON object a line, {"reason":"…","line":"…"}. One thread at a
/// time.
class dead_letters {
public:
    /// Throws std::system_error if the file cannot be opened.
    explicit dead_letters(std::string const& path);

    /// Appends one and flushes it. false if that has failed.
    auto write(std::string_view reason, std::string_view line) -> bool;

private:
    std::ofstream file_;
};

}  // namespace collector
