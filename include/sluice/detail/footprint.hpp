#pragma once

#include <atomic>
#include <sluice/core/api.hpp>

namespace sluice::detail {

/// What the runtime tells of its own steps, where somebody in the same thread wants to know which of them may be taken
/// in another order without changing anything: a search through the orders of handlers.
enum class footprint : unsigned char {
    begins,  ///< an object that several strands share is being made
    reads,   ///< it is looked at
    writes,  ///< it is changed
    sends,   ///< a message was put into an inbox; the inbox is written as well
    takes,   ///< that message is about to be handled
    turns,   ///< a strand has its turn; the strand is written as well
};

/// Told of footprints, with the object, message or strand they are of.
class footprint_reader {
public:
    virtual void found(footprint how, void const* what) noexcept = 0;

protected:
    ~footprint_reader() = default;
};

/// Lets a reader know of this thread's footprints for as long as it lives. The innermost one is told.
class SLUICE_API footprint_reading {
public:
    explicit footprint_reading(footprint_reader& reader) noexcept;
    footprint_reading(footprint_reading const&) = delete;
    auto operator=(footprint_reading const&) -> footprint_reading& = delete;
    ~footprint_reading();

private:
    footprint_reader* outer_;
};

SLUICE_API extern std::atomic<int> footprint_readings;  // in all threads
[[gnu::cold]] SLUICE_API void tell_footprint(footprint how, void const* what) noexcept;

/// One load that finds 0, and a branch not taken, where nobody reads.
inline auto leaves_footprints() noexcept -> bool { return footprint_readings.load(std::memory_order_relaxed) != 0; }
inline void leave(footprint how, void const* what) noexcept {
    if (leaves_footprints()) [[unlikely]]
        tell_footprint(how, what);
}

}  // namespace sluice::detail
