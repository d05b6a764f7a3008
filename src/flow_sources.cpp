#include <sluice/errc.hpp>
#include <sluice/flow/several.hpp>
#include <sluice/flow/sources.hpp>

namespace sluice::detail {

file_origin::file_origin(std::vector<std::filesystem::path> paths, line_options const& options)
    : paths_(std::make_shared<std::vector<std::filesystem::path> const>(std::move(paths))), options_(options) {
    line_reader const checks_the_options(options);
}

auto file_origin::draw(flow::graph& g) const -> std::size_t {
    bool const is_one = paths_->size() == 1;
    auto const threads = is_one ? 1 : g.threads();
    auto const at = g.add(threads ? std::optional(stages_for(*threads)) : std::nullopt);
    auto const what = is_one ? paths_->front().filename().string() : std::to_string(paths_->size()) + " files";
    g.add_step(at, "from_lines", what);
    return at;
}

stream_origin::stream_origin(std::istream& stream, line_options const& options) : stream_(&stream), options_(options) {
    line_reader const checks_the_options(options);
}

auto stream_origin::draw(flow::graph& g) const -> std::size_t {
    auto const at = g.add(1);
    g.add_step(at, "from_lines", "stream");
    return at;
}

void throw_no_stages() { throw_invalid_option("flow::from_stages: there must be at least one stage (got 0)"); }

}  // namespace sluice::detail
