#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/core/line_splitter.hpp>
#include <sluice/text.hpp>
#include <utility>

namespace sluice::detail {
class bytes_in;
}

namespace sluice {

/// Reads the lines of a file, or of a stream, as texts that share the pieces in which it was read.
///
///     sluice::line_reader reader{path};
///     std::vector<sluice::text> lines;
///     while (reader.read(lines, 1000)) { use(lines); lines.clear(); }
///
/// What a line is says line_options.
/// All reading blocks. Thread safety: one thread at a time; the lines may be used and dropped on any other.
class SLUICE_API line_reader {
public:
    /// Reads from no file until open() is called.
    explicit line_reader(line_options options = {});
    /// Opens a file (or a pipe, or a device). Throws std::system_error with the path in its message, and
    /// errc::invalid_option.
    explicit line_reader(std::filesystem::path const& path, line_options options = {});
    /// Reads from a stream, which must live as long as the reader reads from it.
    explicit line_reader(std::istream& stream, line_options options = {});

    /// What was moved from can only be destroyed or assigned to.
    line_reader(line_reader&& other) noexcept;
    /// Goes on where the other one is; lines that were not read here are dropped.
    auto operator=(line_reader&& other) noexcept -> line_reader&;
    ~line_reader();

    /// Goes on with another file. Lines that were not read are dropped; the chunks are used again, so the lines of many
    /// small files share one. Throws like the constructor; then there is no file.
    void open(std::filesystem::path const& path);

    /// Appends lines to `lines`, at least one and at most `max_lines`, by its push_back(text&&). Fewer than `max_lines`
    /// when it would have to wait for more bytes, so a line that was typed is not held back.
    /// Returns false, and appends nothing, at the end or when `max_lines` is 0.
    /// Throws std::system_error with the path in its message when reading fails, or when a line is too long. Lines that
    /// were appended before stay where they are.
    template <class Container>
    auto read(Container& lines, std::size_t max_lines) -> bool {
        for (;;) {
            if (auto const read = read_some(lines, max_lines)) return *read;
        }
    }

    /// The same, but it comes back, with nullopt and no line, whenever it has got bytes in which no line ends: so the
    /// caller may stop while a line without an end is left out.
    template <class Container>
    auto read_some(Container& lines, std::size_t max_lines) -> std::optional<bool> {
        for (std::size_t count = 0; count < max_lines; ++count) {
            auto line = splitter_.next();
            if (!line && count != 0) break;
            if (!line && fill()) {
                line = splitter_.next();
                if (!line) return std::nullopt;
            }
            if (!line) line = splitter_.finish();
            if (!line) return false;
            lines.push_back(std::move(*line));
        }
        return max_lines != 0;
    }

    /// The number of bytes that were read from the present file or stream: for showing progress.
    [[nodiscard]] auto bytes_read() const noexcept -> std::uint64_t { return splitter_.offset(); }

    /// Lines that were left out because they were too long, of all files: see long_lines::skip.
    [[nodiscard]] auto lines_skipped() const noexcept -> std::uint64_t { return splitter_.skipped(); }

private:
    auto fill() -> bool;

    core::line_splitter splitter_;
    std::unique_ptr<detail::bytes_in> bytes_;
};

}  // namespace sluice
