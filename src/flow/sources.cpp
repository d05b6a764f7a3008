#include <algorithm>
#include <sluice/detail/flow/files.hpp>
#include <sluice/errc.hpp>
#include <sluice/flow/several.hpp>
#include <string>
#include <system_error>

namespace sluice::detail {
namespace {

namespace fs = std::filesystem;

void add_files_of(fs::path const& folder, flow::folder_options const& options, std::vector<fs::path>& to) {
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
        auto const name = at->path().filename();
        if (options.with_hidden || !name.native().starts_with('.')) entries.push_back(*at);
    }
    if (error) throw std::system_error(error, "cannot read the folder '" + folder.string() + "'");
    std::ranges::sort(entries, {}, [](fs::directory_entry const& entry) { return entry.path().native(); });
    for (auto const& entry : entries) {
        std::error_code gone;  // meanwhile, or not to be looked at: no regular file, then
        auto const kind = entry.symlink_status(gone).type();
        if (kind == fs::file_type::regular) to.push_back(entry.path());
        if (kind == fs::file_type::directory && options.is_recursive) add_files_of(entry.path(), options, to);
    }
}

}  // namespace

auto file_deal::bytes() const -> std::optional<std::uint64_t> {
    std::uint64_t all = 0;
    for (auto const& each : paths_) {
        std::error_code unknown;
        if (!fs::is_regular_file(each, unknown)) return std::nullopt;
        auto const size = fs::file_size(each, unknown);
        if (unknown) return std::nullopt;
        all += size;
    }
    return all;
}

auto file_list::deal() const -> std::shared_ptr<file_deal> {
    std::vector<fs::path> files;
    std::exception_ptr failed;
    try {
        for (auto const& path : *paths_) {
            std::error_code missing;
            if (fs::is_directory(path, missing)) {
                add_files_of(path, options_, files);
            } else {
                files.push_back(path);
            }
        }
    } catch (...) {
        failed = std::current_exception();
    }
    return std::make_shared<file_deal>(std::move(files), failed);
}

auto file_list::draw(flow::graph& g, char const* kind) const -> std::size_t {
    auto const files = deal()->size();
    auto const threads = files <= 1 ? 1 : g.threads();
    auto const at = g.add(threads ? std::optional(stages_for(files, *threads)) : std::nullopt);
    bool const is_one = paths_->size() == 1;
    auto what = is_one ? paths_->front().filename().string() : std::to_string(files) + " files";
    if (is_one && files != 1) what += ": " + std::to_string(files) + " files";
    g.add_step(at, kind, what);
    return at;
}

void throw_no_stages() { throw_invalid_option("flow::from_stages: there must be at least one stage (got 0)"); }

}  // namespace sluice::detail
