#pragma once

#include <cstddef>
#include <memory>
#include <sluice/batch.hpp>
#include <string_view>

#include "event.hpp"

namespace collector {

/// Cuts what comes of one request into lines. Of a line that is too long it keeps the beginning; empty ones it skips.
class line_cutter {
public:
    line_cutter(std::shared_ptr<receipt> of, std::size_t max_line) : of_(std::move(of)), max_line_(max_line) {}

    /// The lines that are complete with these bytes.
    auto cut(std::string_view bytes) -> sluice::batch<line>;
    /// The last line, if it has no end.
    auto finish() -> sluice::batch<line>;

private:
    void keep(std::string_view part);
    void end_line(sluice::batch<line>& to);

    std::shared_ptr<receipt> of_;
    std::size_t max_line_;
    std::string text_;
    bool is_cut_ = false;
};

}  // namespace collector
