#include <sluice/detail/footprint.hpp>
#include <utility>

namespace sluice::detail {
namespace {

thread_local footprint_reader* present_reader = nullptr;

}  // namespace

std::atomic<int> footprint_readings = 0;

footprint_reading::footprint_reading(footprint_reader& reader) noexcept
    : outer_(std::exchange(present_reader, &reader)) {
    footprint_readings.fetch_add(1, std::memory_order_relaxed);
}

footprint_reading::~footprint_reading() {
    footprint_readings.fetch_sub(1, std::memory_order_relaxed);
    present_reader = outer_;
}

void tell_footprint(footprint how, void const* what) noexcept {
    if (present_reader) present_reader->found(how, what);
}

}  // namespace sluice::detail
