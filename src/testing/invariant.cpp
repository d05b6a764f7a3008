#include <sluice/testing/invariant.hpp>
#include <utility>

namespace sluice::testing {
namespace {

thread_local violation_log* innermost = nullptr;

auto file_name(std::string_view path) -> std::string_view {
    auto const slash = path.find_last_of('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

violation_log::violation_log() noexcept : outer_{std::exchange(innermost, this)} {}

violation_log::~violation_log() { innermost = outer_; }

void fail(std::string_view text, std::source_location const& where) {
    std::string sentence{file_name(where.file_name())};
    sentence += ':';
    sentence += std::to_string(where.line());
    sentence += ": ";
    sentence += text;
    if (innermost != nullptr) innermost->texts_.push_back(sentence);
    throw violation{sentence};
}

}  // namespace sluice::testing
