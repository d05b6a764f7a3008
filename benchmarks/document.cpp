#include "document.hpp"

#include <array>
#include <boost/version.hpp>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string_view>
#include <thread>

namespace sluice::benchmarks {
namespace {

void print(std::ostream& out, std::string_view text) {
    out << '"';
    for (char const c : text) {
        if (c == '"' || c == '\\') out << '\\';
        out << (static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
    out << '"';
}
void print(std::ostream& out, double value) { std::isfinite(value) ? out << value : out << "null"; }
void print(std::ostream& out, bool value) { out << (value ? "true" : "false"); }
void print(std::ostream& out, std::uint64_t value) { out << value; }
template <class T>
void print(std::ostream& out, std::optional<T> const& value) {
    value ? print(out, *value) : void(out << "null");
}

template <class List, class Print>
void print_list(std::ostream& out, List const& list, Print each, char const* between = ", ") {
    auto separator = "";
    out << '[';
    for (auto const& item : list) {
        out << separator;
        each(item);
        separator = between;
    }
    out << ']';
}
void print(std::ostream& out, std::vector<double> const& values) {
    print_list(out, values, [&](double value) { print(out, value); });
}
void print(std::ostream& out, std::vector<std::string> const& values) {
    print_list(out, values, [&](std::string_view value) { print(out, value); });
}
void print(std::ostream& out, bound const& target) {
    out << R"({"at_most": )";
    print(out, target.at_most);
    out << R"(, "at_least": )";
    print(out, target.at_least);
    out << '}';
}

template <class T>
void member(std::ostream& out, char const* name, T const& value, char const* after = ", ") {
    out << '"' << name << "\": ";
    print(out, value);
    out << after;
}

void print(std::ostream& out, way_figures const& way) {
    out << "\n    {";
    member(out, "name", std::string_view(way.name));
    member(out, "part", std::string_view(way.part));
    member(out, "wall", way.wall);
    member(out, "cpu", way.cpu);
    member(out, "peak_rss", way.peak_rss, "}");
}
void print(std::ostream& out, row_figures const& row) {
    out << "\n  {";
    member(out, "name", std::string_view(row.name));
    member(out, "unit", std::string_view(row.unit));
    out << "\"targets\": {";
    auto separator = "";
    for (auto const& [name, value] : row.targets) {
        out << separator;
        member(out, name.c_str(), value, "");
        separator = ", ";
    }
    out << "}, ";
    member(out, "refused", row.refused);
    member(out, "busy", row.busy);
    member(out, "missing", row.missing);
    member(out, "cores_apart", row.cores_apart);
    out << "\"ways\": ";
    print_list(out, row.ways, [&](way_figures const& each) { print(out, each); });
    out << '}';
}
void print(std::ostream& out, curve_figures::series const& series) {
    out << "\n    {";
    member(out, "name", std::string_view(series.name));
    out << "\"points\": ";
    print_list(out, series.points, [&](curve_figures::point const& point) {
        out << '[';
        print(out, point.x);
        out << ", ";
        print(out, point.y);
        out << ']';
    });
    out << '}';
}
void print(std::ostream& out, curve_figures const& curve) {
    out << "\n  {";
    member(out, "name", std::string_view(curve.name));
    member(out, "x", std::string_view(curve.x));
    member(out, "y", std::string_view(curve.y));
    member(out, "x_log", curve.x_log);
    member(out, "y_log", curve.y_log);
    member(out, "target", curve.target);
    member(out, "refused", curve.refused);
    member(out, "busy", curve.busy);
    out << "\"series\": ";
    print_list(out, curve.all, [&](curve_figures::series const& each) { print(out, each); });
    out << '}';
}
void print(std::ostream& out, fact_figures const& fact) {
    out << "\n  {";
    member(out, "name", std::string_view(fact.name));
    member(out, "unit", std::string_view(fact.unit));
    member(out, "values", fact.values);
    member(out, "target", fact.target);
    member(out, "refused", fact.refused);
    member(out, "busy", fact.busy, "}");
}

auto processor() -> std::string {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown";
}
auto today() -> std::string {
    auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts)};
}
auto compiler() -> std::string {
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "GCC " __VERSION__;
#endif
}

void print_machine(std::ostream& out) {
    constexpr auto version = BOOST_VERSION;
    out << '{';
    member(out, "cpu", std::string_view(processor()));
    member(out, "cores", static_cast<std::uint64_t>(std::thread::hardware_concurrency()));
    member(out, "compiler", std::string_view(compiler()));
    member(out, "boost",
           std::string_view(std::to_string(version / 100000) + '.' + std::to_string(version / 100 % 1000)));
    member(out, "date", std::string_view(today()), "}");
}

}  // namespace

void print_json(std::ostream& out, document const& all) {
    std::ostringstream text;  // whatever the caller's stream is set to
    text << std::setprecision(6) << "{\"machine\": ";
    print_machine(text);
    text << ",\n\"rows\": ";
    print_list(
        text, all.rows, [&](row_figures const& each) { print(text, each); }, ",");
    text << ",\n\"curves\": ";
    print_list(
        text, all.curves, [&](curve_figures const& each) { print(text, each); }, ",");
    text << ",\n\"facts\": ";
    print_list(
        text, all.facts, [&](fact_figures const& each) { print(text, each); }, ",");
    text << "}\n";
    out << text.str();
}

}  // namespace sluice::benchmarks
