#pragma once

#include <concepts>
#include <filesystem>
#include <istream>
#include <ranges>
#include <sluice/detail/flow/files.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/line_reader.hpp>
#include <sluice/text.hpp>
#include <tuple>

namespace sluice::detail {

struct lines_of_files {
    static constexpr char const* name = "from_lines";
    using event_type = text;
    using reader = line_reader;
    using options = line_options;
};

}  // namespace sluice::detail

namespace sluice::flow {

/// The lines of a file as texts, which share the memory in which they were read. What a line is, and how
/// long it may be, says line_options. Reading blocks its thread, as reading files does.
///
/// @code
/// auto const lengths = flow::from_lines(path) | flow::map([](sluice::text const& line) { return line.size(); });
/// @endcode
///
/// A folder stands for the files in it, in the order of their names, as folder_options says: those that are there when
/// a run begins. It is looked through in the call that begins the run; what goes wrong there the flow ends with.
///
/// Fails with std::system_error when a file or folder cannot be read or a line is too long, unless line_options say
/// that it is cut or skipped. Runs as one stage: a huge file is read in one, and in order. Memory: some chunks of 256
/// KiB. Copies: none. Throws errc::invalid_option.
template <class Path>
    requires std::convertible_to<Path const&, std::filesystem::path>
auto from_lines(Path const& path, line_options const& options = {}, folder_options const& folders = {}) {
    using origin = detail::files_origin<detail::lines_of_files>;
    return pipeline<origin>(origin({detail::paths_of(path), folders}, options), std::tuple<>());
}

/// The lines of several files, or of the files of folders. Runs as many stages as there are threads, or files if those
/// are fewer; each reads the next file when it has done with one. So the order of lines is kept within a file, and
/// files come in any order. Memory: some chunks of 256 KiB a stage. Copies: none.
template <detail::path_range Paths>
auto from_lines(Paths const& paths, line_options const& options = {}, folder_options const& folders = {}) {
    using origin = detail::files_origin<detail::lines_of_files>;
    return pipeline<origin>(origin({detail::paths_of(paths), folders}, options), std::tuple<>());
}

/// The lines of a stream, which must live while the flow runs, and is read by one run at a time. What there is to read
/// goes on at once: a line that was typed is not held back. Order: as they are read. Memory: some chunks of 256 KiB.
/// Copies: none.
inline auto from_lines(std::istream& stream, line_options const& options = {}) {
    using origin = detail::stream_origin<detail::lines_of_files>;
    return pipeline<origin>(origin(stream, options), std::tuple<>());
}

}  // namespace sluice::flow
