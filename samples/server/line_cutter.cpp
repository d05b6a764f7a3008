// Cuts what comes into lines.
#include "line_cutter.hpp"

#include <algorithm>
#include <utility>

namespace collector {

auto line_cutter::cut(std::string_view bytes) -> sluice::batch<line> {
    sluice::batch<line> lines;
    for (;;) {
        auto const end = bytes.find('\n');
        keep(bytes.substr(0, end));
        if (end == bytes.npos) return lines;
        end_line(lines);
        bytes.remove_prefix(end + 1);
    }
}

auto line_cutter::finish() -> sluice::batch<line> {
    sluice::batch<line> lines;
    end_line(lines);
    return lines;
}

void line_cutter::keep(std::string_view part) {
    auto const room = max_line_ + 1 - text_.size();  // one more, for a '\r' at the end
    text_.append(part.substr(0, room));
    is_cut_ = is_cut_ || part.size() > room;
}

void line_cutter::end_line(sluice::batch<line>& to) {
    auto text = std::exchange(text_, {});
    auto is_cut = std::exchange(is_cut_, false);
    if (!is_cut && text.ends_with('\r')) text.pop_back();
    is_cut = is_cut || text.size() > max_line_;
    if (text.find_first_not_of(" \t\r") == text.npos && !is_cut) return;
    to.push_back({std::move(text), of_->make_claim(), is_cut});
}

}  // namespace collector
