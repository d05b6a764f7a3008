#include <sluice/line_reader.hpp>
#include <utility>

#include "bytes_in.hpp"

namespace sluice {

line_reader::line_reader(line_options options) : splitter_{options}, bytes_{std::make_unique<detail::bytes_in>()} {}

line_reader::line_reader(std::filesystem::path const& path, line_options options) : line_reader{options} { open(path); }

line_reader::line_reader(std::istream& stream, line_options options)
    : splitter_{options, "stream"}, bytes_{std::make_unique<detail::bytes_in>(stream)} {}

line_reader::line_reader(line_reader&& other) noexcept = default;

auto line_reader::operator=(line_reader&& other) noexcept -> line_reader& = default;

line_reader::~line_reader() = default;

void line_reader::open(std::filesystem::path const& path) {
    splitter_.start(path.string());
    if (!bytes_) bytes_ = std::make_unique<detail::bytes_in>();  // it was moved from
    bytes_->open(path);
}

auto line_reader::fill() -> bool {
    if (!bytes_) return false;
    auto const count = bytes_->read(splitter_.prepare());
    splitter_.commit(count);
    return count != 0;
}

}  // namespace sluice
