#include <sluice/file_reader.hpp>
#include <utility>

#include "bytes_in.hpp"

namespace sluice {

line_reader::line_reader(line_options options) : x_splitter{options}, x_bytes{std::make_unique<detail::bytes_in>()} {}

line_reader::line_reader(std::filesystem::path const& path, line_options options) : line_reader{options} { open(path); }

line_reader::line_reader(std::istream& stream, line_options options)
    : x_splitter{options, "stream"}, x_bytes{std::make_unique<detail::bytes_in>(stream)} {}

line_reader::line_reader(line_reader&& other) noexcept = default;

auto line_reader::operator=(line_reader&& other) noexcept -> line_reader& = default;

line_reader::~line_reader() = default;

void line_reader::open(std::filesystem::path const& path) {
    x_splitter.start(path.string());
    if (!x_bytes) x_bytes = std::make_unique<detail::bytes_in>();  // it was moved from
    x_bytes->open(path);
}

auto line_reader::fill() -> bool {
    if (!x_bytes) return false;
    auto const count = x_bytes->read(x_splitter.prepare());
    x_splitter.commit(count);
    return count != 0;
}

}  // namespace sluice
