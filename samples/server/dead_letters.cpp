// The file of rejected lines.
#include "dead_letters.hpp"

#include <cerrno>
#include <system_error>

#include "json_text.hpp"

namespace collector {

dead_letters::dead_letters(std::string const& path) : file_(path, std::ios::app | std::ios::binary) {
    if (!file_) throw std::system_error(errno, std::generic_category(), "cannot open " + path);
}

auto dead_letters::write(std::string_view reason, std::string_view line) -> bool {
    file_ << "{\"reason\":" << json_string(reason) << ",\"line\":" << json_string(line, 1000) << "}\n" << std::flush;
    bool const written = file_.good();
    file_.clear();
    return written;
}

}  // namespace collector
