#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <ranges>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/build.hpp>
#include <sluice/detail/flow/feeds.hpp>
#include <sluice/flow/folder_options.hpp>
#include <sluice/flow/graph.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// Files and folders that a flow reads.
class SLUICE_API file_list {
public:
    file_list(std::vector<std::filesystem::path> paths, flow::folder_options const& options)
        : paths_(std::make_shared<std::vector<std::filesystem::path> const>(std::move(paths))), options_(options) {}

    /// The files of one run: those that are in the folders now.
    auto deal() const -> std::shared_ptr<file_deal>;
    /// As how many stages they are read.
    static auto stages_for(std::size_t files, std::size_t threads) -> std::size_t {
        return std::clamp<std::size_t>(files, 1, std::max<std::size_t>(threads, 1));
    }
    auto draw(flow::graph& g, char const* kind) const -> std::size_t;

private:
    std::shared_ptr<std::vector<std::filesystem::path> const> paths_;
    flow::folder_options options_;
};

/// Of flow::from_lines(paths) and its like. Kind: the name of the function, how it reads, and its options.
template <class Kind>
class files_origin {
public:
    using event_type = typename Kind::event_type;
    static constexpr bool is_direct = false;
    static constexpr bool is_stage = false;

    files_origin(file_list files, typename Kind::options const& options) : files_(std::move(files)), options_(options) {
        typename Kind::reader const checks_the_options(options);
    }

    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        using reader = typename Kind::reader;
        auto const files = files_.deal();
        auto const stages = file_list::stages_for(files->size(), b.default_stages());
        for (std::size_t i = 0; i < stages; ++i) {
            visit(reader_feed<event_type, reader>(files, reader(options_), i == 0), sources<event_type>());
        }
    }
    auto draw(flow::graph& g) const -> std::size_t { return files_.draw(g, Kind::name); }

private:
    file_list files_;
    typename Kind::options options_;
};

/// The same of a stream.
template <class Kind>
class stream_origin {
public:
    using event_type = typename Kind::event_type;
    static constexpr bool is_direct = false;
    static constexpr bool is_stage = false;

    stream_origin(std::istream& stream, typename Kind::options const& options) : stream_(&stream), options_(options) {
        typename Kind::reader const checks_the_options(options);
    }

    template <class Visit>
    void feeds(flow_builder&, Visit const& visit) const {
        using reader = typename Kind::reader;
        visit(reader_feed<event_type, reader>(reader(*stream_, options_)), sources<event_type>());
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const at = g.add(1);
        g.add_step(at, Kind::name, "stream");
        return at;
    }

private:
    std::istream* stream_;
    typename Kind::options options_;
};

template <class Paths>
concept path_range = std::ranges::input_range<Paths> &&
    std::convertible_to<std::ranges::range_reference_t<Paths>, std::filesystem::path> &&
    !std::convertible_to<Paths const&, std::filesystem::path>;

template <class Paths>
auto paths_of(Paths const& given) -> std::vector<std::filesystem::path> {
    std::vector<std::filesystem::path> all;
    if constexpr (path_range<Paths const&>) {
        for (auto const& path : given) all.emplace_back(path);
    } else {
        all.emplace_back(given);
    }
    return all;
}

}  // namespace sluice::detail
