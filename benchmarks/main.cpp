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

using make_row = row (*)();
constexpr make_row all_rows[] = {
    [] { return linear_row(512); },  [] { return linear_row(1); },         [] { return there_and_back_row(); },
    [] { return word_count_row(); }, [] { return flat_word_count_row(); },
};

}  // namespace

auto main(int argc, char** argv) -> int {
    try {
        auto const wanted = parse(argc, argv);
        std::vector<row> rows;
        rows.reserve(std::size(all_rows));
        std::vector<result> results;
        for (auto const make : all_rows) {
            auto made = make();
            if (made.name.find(wanted.only) == std::string::npos) continue;
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
