#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"

namespace {

using namespace sluice::benchmarks;

constexpr char const* usage =
    "usage: benchmarks [--json] [--only PART_OF_A_NAME] [--way PART_OF_A_NAME] [--repetitions N] [--seconds S]\n";

struct arguments {
    bool json = false;
    std::string only;
    std::string only_way;
    measuring how;
};

auto parse(int argc, char** argv) -> arguments {
    arguments result;
    for (int i = 1; i < argc; ++i) {
        std::string_view const name(argv[i]);
        if (name == "--json") {
            result.json = true;
            continue;
        }
        if (i + 1 == argc) throw std::invalid_argument(usage);
        std::string const value(argv[++i]);
        if (name == "--only") {
            result.only = value;
        } else if (name == "--way") {
            result.only_way = value;
        } else if (name == "--repetitions") {
            result.how.repetitions = std::stoul(value);
        } else if (name == "--seconds") {
            result.how.seconds = std::stod(value);
        } else {
            throw std::invalid_argument(usage);
        }
    }
    return result;
}

struct known_row {
    char const* name;
    row (*make)();  // may take its time: text is written for some
};
constexpr known_row known_rows[] = {
    {"linear, 4 stages, 512 events a batch", [] { return linear_row(512); }},
    {"linear, 4 stages, single events", [] { return linear_row(1); }},
    {"one event there and back", [] { return there_and_back_row(); }},
    {"word count, std::unordered_map", [] { return word_count_row(); }},
    {"word count, boost::unordered_flat_map", [] { return flat_word_count_row(); }},
};

}  // namespace

auto main(int argc, char** argv) -> int {
    try {
        auto const wanted = parse(argc, argv);
        std::vector<row> rows;
        rows.reserve(std::size(known_rows));
        std::vector<result> results;
        for (auto const& known : known_rows) {
            if (std::string_view(known.name).find(wanted.only) == std::string_view::npos) continue;
            auto made = known.make();
            made.name = known.name;
            std::erase_if(made.ways, [&](way const& w) { return w.name.find(wanted.only_way) == std::string::npos; });
            rows.push_back(std::move(made));
            results.push_back(measure(rows.back(), wanted.how));
            if (!wanted.json) print_table(std::cout, {results.back()});
        }
        if (wanted.json) print_json(std::cout, results);
        return EXIT_SUCCESS;
    } catch (std::exception const& error) {
        std::cerr << "benchmarks: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
