#include <unistd.h>

#include <array>
#include <boost/timer/progress_display.hpp>
#include <cstddef>
#include <iostream>
#include <optional>
#include <sluice/progress.hpp>
#include <string>

namespace sluice {
namespace {

/// 1234567 as "1,234,567".
auto grouped(std::uint64_t number) -> std::string {
    auto digits = std::to_string(number);
    for (auto at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

auto amount(std::uint64_t n, progress_unit unit) -> std::string {
    if (unit == progress_unit::events) return grouped(n) + (n == 1 ? " event" : " events");
    static constexpr std::array sizes{"bytes", "kB", "MB", "GB", "TB"};
    std::size_t size = 0;
    auto tenths = n * 10;
    for (; tenths >= 10'000 && size + 1 < sizes.size(); tenths /= 1000) ++size;
    auto const tenth = size == 0 ? std::string() : "." + std::to_string(tenths % 10);
    return grouped(tenths / 10) + tenth + " " + sizes[size];
}

}  // namespace

class progress_bar::drawing {
public:
    drawing(std::ostream& to, std::function<clock::time_point()> now)
        : to_(&to), now_(std::move(now)), began_(now_()), seen_(began_) {}

    void show(progress_report const& report) {
        if (is_over_) return;
        if (!has_begun_) begin(report);
        if (bar_) {
            auto const here = static_cast<unsigned long>(std::min(report.done, total_));
            if (here > bar_->count()) *bar_ += here - bar_->count();
        } else {
            auto const now = now_();
            draw(report, report.done - std::min(last_.done, report.done), now - std::exchange(seen_, now));
        }
        last_ = report;
    }
    void finish() {
        if (std::exchange(is_over_, true) || !has_begun_) return;
        if (bar_ && bar_->count() == total_) return;  // it has ended its line
        if (!bar_) draw(last_, last_.done, now_() - began_);
        *to_ << std::endl;
    }

private:
    void begin(progress_report const& report) {
        has_begun_ = true;
        if (!report.total) return;
        total_ = std::max<std::uint64_t>(*report.total, 1);
        bar_.emplace(static_cast<unsigned long>(total_), *to_, "");
        if (*report.total == 0) *bar_ += 1;
    }
    void draw(progress_report const& report, std::uint64_t part, clock::duration time) {
        auto line = amount(report.done, report.unit);
        auto const seconds = std::chrono::duration<double>(time).count();
        if (seconds > 0) {
            auto const rate = static_cast<std::uint64_t>(static_cast<double>(part) / seconds);
            line += ", " + amount(rate, report.unit) + " a second";
        }
        auto const width = line.size();
        if (width < width_) line.append(width_ - width, ' ');
        width_ = width;
        *to_ << '\r' << line << std::flush;
    }

    std::ostream* to_;
    std::function<clock::time_point()> now_;
    clock::time_point began_;
    clock::time_point seen_;
    std::optional<boost::timer::progress_display> bar_;
    std::uint64_t total_ = 0;
    progress_report last_;
    std::size_t width_ = 0;
    bool has_begun_ = false;
    bool is_over_ = false;
};

progress_bar::progress_bar() {
    if (::isatty(STDERR_FILENO) != 0) drawing_ = std::make_unique<drawing>(std::cerr, &clock::now);
}
progress_bar::progress_bar(std::ostream& to, std::function<clock::time_point()> now)
    : drawing_(std::make_unique<drawing>(to, std::move(now))) {}
progress_bar::progress_bar(progress_bar&& other) noexcept = default;
auto progress_bar::operator=(progress_bar&& other) noexcept -> progress_bar& = default;
progress_bar::~progress_bar() = default;

void progress_bar::show(progress_report const& report) {
    if (drawing_) drawing_->show(report);
}

void progress_bar::finish() {
    if (drawing_) drawing_->finish();
}

}  // namespace sluice
