#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "bench.hpp"

namespace {

using namespace sluice::benchmarks;

struct known_row {
    char const* name;
    row (*make)();  // may take its time: text is written for some
};
constexpr known_row known_rows[] = {
    {"linear, 4 stages, 512 events a batch", [] { return linear_row(512); }},
    {"linear, 4 stages, single events", [] { return linear_row(1); }},
    {"broadcast to 4, 512 events a batch", [] { return broadcast_row(512); }},
    {"broadcast to 4, single events", [] { return broadcast_row(1); }},
    {"partition to 4, 512 events a batch", [] { return partition_row(512); }},
    {"partition to 4, single events", [] { return partition_row(1); }},
    {"one event there and back", [] { return there_and_back_row(); }},
    {"word count, std::unordered_map", [] { return word_count_row(); }},
    {"word count, boost::unordered_flat_map", [] { return flat_word_count_row(); }},
};

auto make(known_row const& known, arguments const& wanted) -> row {
    show_progress(known.name);
    auto result = known.make();
    result.name = known.name;
    std::erase_if(result.ways, [&](way const& w) { return w.name.find(wanted.only_way) == std::string::npos; });
    return result;
}

// Before any thread is started: what a peer's library starts stays, and a process of several threads should not fork.
auto peaks_of(known_row const& known, arguments const& wanted) -> std::vector<std::uint64_t> {
    auto const made = make(known, wanted);
    std::vector<std::uint64_t> result;
    for (auto const& each : made.ways) {
        show_progress(made.name + ": memory of " + each.name);
        result.push_back(peak_rss(made, each));
    }
    return result;
}

auto run(arguments const& wanted) -> bool {
    std::vector<known_row> rows;
    for (auto const& known : known_rows) {
        if (std::string_view(known.name).find(wanted.only) != std::string_view::npos) rows.push_back(known);
    }
    std::vector<std::vector<std::uint64_t>> peaks;
    for (auto const& known : rows) peaks.push_back(peaks_of(known, wanted));

    document all;
    auto whole = true;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        auto figures = measure(make(rows[r], wanted), wanted.how);
        for (std::size_t w = 0; w < figures.ways.size(); ++w) figures.ways[w].peak_rss = peaks[r][w];
        show_progress("");
        if (figures.refused) {
            whole = false;
            if (wanted.json) std::cerr << figures.name << ": REFUSED, " << *figures.refused << '\n';
        }
        if (!wanted.json) print_table(std::cout, figures);
        all.rows.push_back(std::move(figures));
    }
    if (wanted.json) print_json(std::cout, all);
    return whole;
}

}  // namespace

auto main(int argc, char** argv) -> int {
    try {
        return run(parse_arguments(argc, argv)) ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (std::exception const& error) {
        show_progress("");
        std::cerr << "benchmarks: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
