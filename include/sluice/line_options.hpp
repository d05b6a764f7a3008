#pragma once

#include <cstddef>
#include <type_traits>

namespace sluice {

/// What becomes of a line longer than `line_options::max_line`.
enum class long_lines {
    fail,  ///< reading ends with an error that says where the line is
    cut,   ///< it is given as several lines of `max_line` bytes and a rest; none of its bytes is lost
    skip,  ///< it is left out, and counted: line_reader::lines_skipped(), and stage_stats::skipped of a flow's stage
};

/// How lines are read.
///
/// A line ends at `\n`, which is not part of it, and neither is one `\r` right before it. What follows the last `\n` is
/// a line too, unless it is empty; it keeps its `\r`. Nothing is decoded: all other bytes stay as they are, zeros too.
struct line_options {
    /// Bytes that are read at once and that lines share, 1 or more. A line longer than this gets a larger chunk.
    std::size_t chunk_size = 256 * 1024;
    /// The longest line, in bytes, 1 or more. A longer one is an error, cut or skipped: so a huge file without a
    /// newline cannot fill the memory.
    std::size_t max_line = 64 * 1024 * 1024;
    /// What becomes of a longer one.
    sluice::long_lines long_lines = sluice::long_lines::fail;
    /// Chunks that are kept for use again once no line lies in them any more. With as many or fewer in flight, reading
    /// allocates nothing in the steady state.
    std::size_t spare_chunks = 8;
};
static_assert(std::is_trivially_destructible_v<line_options>);

}  // namespace sluice
