#pragma once

#include <concepts>
#include <filesystem>
#include <istream>
#include <sluice/csv.hpp>
#include <sluice/detail/flow/files.hpp>
#include <sluice/flow/pipeline.hpp>
#include <tuple>

namespace sluice::detail {

struct rows_of_files {
    static constexpr char const* name = "from_csv";
    using event_type = csv_row;
    using reader = csv_reader;
    using options = csv_options;
};

}  // namespace sluice::detail

namespace sluice::flow {

/// The rows of a table that is written as comma-separated values, with a header by which fields are found; a function
/// makes of them what the program works with:
///
/// @code
/// struct order {
///     int id;
///     std::string customer;
///     double price;
/// };
/// auto const orders = flow::from_csv(path) | flow::map([](sluice::csv_row const& row) {
///                         return order{row.as<int>("id"), row.at("customer").str(), row.as<double>("price")};
///                     });
/// @endcode
///
/// How it is written says csv_options; what is a row, csv_reader. What is wrong in a table ends the flow with
/// csv_error, which names file, line and column, behind the rows before it; a file that cannot be read does with
/// std::system_error. Reading blocks its thread. Runs as one stage, so order is kept. Memory: some rows, in pieces of
/// 64 KiB. Copies: of each field one, out of the file. Throws errc::invalid_option.
template <class Path>
    requires std::convertible_to<Path const&, std::filesystem::path>
auto from_csv(Path const& path, csv_options const& options = {}, folder_options const& folders = {}) {
    using origin = detail::files_origin<detail::rows_of_files>;
    return pipeline<origin>(origin({detail::paths_of(path), folders}, options), std::tuple<>());
}

/// The rows of several tables, or of the files of folders, each with a header of its own. See from_lines for how files
/// are read, and in which order. Memory and copies as of one table, for each stage.
template <detail::path_range Paths>
auto from_csv(Paths const& paths, csv_options const& options = {}, folder_options const& folders = {}) {
    using origin = detail::files_origin<detail::rows_of_files>;
    return pipeline<origin>(origin({detail::paths_of(paths), folders}, options), std::tuple<>());
}

/// The rows of a stream; see from_lines. Order: as they are read. Memory and copies as of one table.
inline auto from_csv(std::istream& stream, csv_options const& options = {}) {
    using origin = detail::stream_origin<detail::rows_of_files>;
    return pipeline<origin>(origin(stream, options), std::tuple<>());
}

}  // namespace sluice::flow
