#include <sluice/detail/flow_feeds.hpp>
#include <system_error>

namespace sluice::detail {

line_feed::line_feed(std::shared_ptr<file_deal> files, line_options const& options)
    : files_(std::move(files)), reader_(options) {}

line_feed::line_feed(std::istream& stream, line_options const& options)
    : reader_(stream, options), is_open_(true), may_wait_(true) {}

auto line_feed::read() -> bool {
    lines_.clear();
    taken_ = 0;
    was_read_ = true;
    for (;;) {
        if (is_open_ && reader_.read(lines_, lines_at_once)) return true;
        is_open_ = false;
        auto const* path = files_ ? files_->next() : nullptr;
        if (!path) return false;
        reader_.open(*path);
        is_open_ = true;
        std::error_code unknown;
        may_wait_ = !std::filesystem::is_regular_file(*path, unknown);
    }
}

}  // namespace sluice::detail
