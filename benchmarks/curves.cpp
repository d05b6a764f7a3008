#include "curves.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "free_cores.hpp"

namespace sluice::benchmarks {
namespace {

void show(double value) {
    if (value == 0) {
        std::printf(" %13s", "0");
    } else if (value < 10) {
        std::printf(" %13.3g", value);
    } else if (value < 1e6) {
        std::printf(" %13.1f", value);
    } else {
        std::printf(" %13.4g", value);
    }
}

void show_progress(std::string const& text) {
    if (::isatty(2) != 0) std::fprintf(stderr, "\r\033[K%s", text.c_str());
}

void show(curve_figures const& curve) {
    std::printf("%s: %s against %s\n", curve.name.c_str(), curve.y.c_str(), curve.x.c_str());
    if (curve.busy) std::printf("    on a busy machine: %s\n", curve.busy->c_str());
    if (curve.refused) std::printf("    refused: %s\n\n", curve.refused->c_str());
    if (curve.all.empty()) return;
    std::printf("    %-34s", "");
    for (auto const& point : curve.all.front().points) show(point.x);
    std::printf("\n");
    for (auto const& line : curve.all) {
        std::printf("    %-34s", line.name.c_str());
        for (auto const& point : line.points) show(median(point.y));
        std::printf("\n");
    }
    std::printf("\n");
}

auto verdict(bool met) -> char const* { return met ? "met" : "MISSED"; }

void show(fact_figures const& fact) {
    if (fact.refused) {
        std::printf("%-66s refused: %s\n", fact.name.c_str(), fact.refused->c_str());
        return;
    }
    auto const value = median(fact.values);
    std::printf("%-66s", fact.name.c_str());
    show(value);
    std::printf(" %s", fact.unit.c_str());
    if (fact.target.at_most)
        std::printf(", at most %g: %s", *fact.target.at_most, verdict(value <= *fact.target.at_most));
    if (fact.target.at_least) {
        std::printf(", at least %g: %s", *fact.target.at_least, verdict(value >= *fact.target.at_least));
    }
    std::printf(fact.busy ? ", on a busy machine\n" : "\n");
}

}  // namespace

auto parse_options(int argc, char** argv, std::size_t repetitions) -> curve_options {
    curve_options result;
    result.repetitions = repetitions;
    for (int i = 1; i < argc; ++i) {
        std::string_view const name(argv[i]);
        auto const value = [&]() -> std::string {
            if (i + 1 == argc) throw std::invalid_argument(std::string(name) + " wants a value");
            return argv[++i];
        };
        if (name == "--json") {
            result.json = true;
        } else if (name == "--longer") {
            result.longer = true;
        } else if (name == "--only") {
            result.only = value();
        } else if (name == "--repetitions") {
            result.repetitions = std::max<std::size_t>(1, std::stoul(value()));
        } else if (name == "--seconds") {
            value();  // of a way of a row; here the amount of work is fixed
        } else if (name == "--accept-busy") {
            result.accept_busy = true;
        } else if (name.starts_with("--")) {
            throw std::invalid_argument("unknown option " + std::string(name));
        } else {
            result.rest.emplace_back(name);
        }
    }
    return result;
}

auto now_ns() -> std::uint64_t {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

auto resident_bytes() -> double {
    std::ifstream in("/proc/self/statm");
    double whole = 0;
    double resident = 0;
    in >> whole >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

auto peak_resident_bytes() -> double {
    ::rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_maxrss) * 1024;
}

auto figures::measure(curve_figures head, std::vector<double> const& xs, std::vector<line> const& lines)
    -> curve_figures {
    for (auto const& each : lines) {
        auto& made = head.all.emplace_back();
        made.name = each.name;
        for (double const x : xs) made.points.push_back({x, {}});
    }
    for (std::size_t repetition = 0; repetition < options_.repetitions; ++repetition) {
        for (std::size_t i = 0; i < xs.size(); ++i) {
            show_progress(head.name + ", point " + std::to_string(i + 1));
            for (std::size_t l = 0; l < lines.size(); ++l) head.all[l].points[i].y.push_back(lines[l].at(xs[i]));
        }
    }
    show_progress("");
    return head;
}

void figures::when_quiet(std::function<void()> const& measure_them) {
    auto const curves = all_.curves.size();
    auto const facts = all_.facts.size();
    std::optional<std::string> why;
    for (int attempt = 0; attempt < 3; ++attempt) {
        all_.curves.resize(curves);
        all_.facts.resize(facts);
        show_progress(program_ + ": waiting for two free cores");
        auto const cores = wait_for_free_cores(options_.accept_busy);
        measure_them();
        why = cores.trouble();
        show_progress("");
        if (!why) return;
        if (options_.accept_busy) return accept(curves, facts, *why);
    }
    refuse(curves, facts, "the cores were not free: " + *why);
}

void figures::accept(std::size_t curves, std::size_t facts, std::string const& why) {
    for (; curves < all_.curves.size(); ++curves) all_.curves[curves].busy = why;
    for (; facts < all_.facts.size(); ++facts) all_.facts[facts].busy = why;
}

void figures::refuse(std::size_t curves, std::size_t facts, std::string const& why) {
    refused_ = true;
    for (; curves < all_.curves.size(); ++curves) {
        all_.curves[curves].all.clear();
        all_.curves[curves].refused = why;
    }
    for (; facts < all_.facts.size(); ++facts) {
        all_.facts[facts].values.clear();
        all_.facts[facts].refused = why;
    }
}

auto figures::print() -> int {
    if (wanted(program_)) {
        fact_figures peak;
        peak.name = program_ + ": peak of resident memory";
        peak.unit = "bytes";
        peak.values = {peak_resident_bytes()};
        add(std::move(peak));
    }
    if (options_.json) {
        print_json(std::cout, all_);
    } else {
        for (auto const& each : all_.curves) show(each);
        for (auto const& each : all_.facts) show(each);
    }
    return refused_ ? EXIT_FAILURE : EXIT_SUCCESS;
}

auto median(std::vector<double> values) -> double {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    auto const half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

auto values_at(curve_figures const& curve, std::string const& line, double x) -> std::vector<double> const& {
    for (auto const& each : curve.all) {
        if (each.name != line) continue;
        for (auto const& point : each.points) {
            if (point.x == x) return point.y;
        }
    }
    throw std::out_of_range(curve.name + " has no such point: " + line);
}

auto ratios(std::vector<double> const& above, std::vector<double> const& below) -> std::vector<double> {
    std::vector<double> result;
    for (std::size_t i = 0; i < above.size() && i < below.size(); ++i) {
        if (below[i] > 0) result.push_back(above[i] / below[i]);
    }
    return result;
}

auto run_program(char const* name, int argc, char** argv, std::size_t repetitions,
                 std::function<void(figures&)> const& body) -> int {
    try {
        figures all(name, parse_options(argc, argv, repetitions));
        body(all);
        return all.print();
    } catch (std::exception const& error) {
        std::cerr << name << ": " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}

}  // namespace sluice::benchmarks
