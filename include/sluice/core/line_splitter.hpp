#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sluice/detail/text_chunk.hpp>
#include <sluice/text.hpp>

namespace sluice {

/// What becomes of a line longer than `line_options::max_line`.
enum class long_lines {
    fail,  ///< reading ends with an error that says where the line is
    cut,   ///< it is given as several lines of `max_line` bytes and a rest; none of its bytes is lost
};

/// How lines are read.
struct line_options {
    /// Bytes that are read at once and that lines share, 1 or more. A line longer than this gets a larger chunk.
    std::size_t chunk_size = 256 * 1024;
    /// The longest line, in bytes, 1 or more. A longer one is an error, or cut: so a huge file without a newline cannot
    /// fill the memory.
    std::size_t max_line = 64 * 1024 * 1024;
    sluice::long_lines long_lines = sluice::long_lines::fail;
    /// Chunks that are kept for use again once no line lies in them any more. With as many or fewer in flight, reading
    /// allocates nothing in the steady state.
    std::size_t spare_chunks = 8;
};
static_assert(std::is_trivially_destructible_v<line_options>);

namespace core {

/// Bytes go in as they come, lines come out as texts that share the bytes.
///
/// A line ends at '\n', which is not part of it, and neither is one '\r' right before it. What follows the last '\n' is
/// a line too, unless it is empty; it keeps its '\r'. Zero bytes are like any others.
///
///     while (auto count = read(splitter.prepare())) {
///         splitter.commit(count);
///         while (auto line = splitter.next()) use(*line);
///     }
///     if (auto line = splitter.finish()) use(*line);
///
/// Memory: the chunks that lines lie in, `spare_chunks` more, and the unfinished line.
/// Thread safety: one thread at a time; the lines may be used and dropped on any other.
class line_splitter {
public:
    /// `name` says in errors where the bytes come from. Throws errc::invalid_option when an option is 0.
    explicit line_splitter(line_options options = {}, std::string name = "input");

    line_splitter(line_splitter&& other) noexcept;
    auto operator=(line_splitter&& other) noexcept -> line_splitter&;
    ~line_splitter();

    /// Room for the next bytes, at least one and at most `chunk_size` (and once a chunk has been begun, what is left of
    /// it). Valid until the next call of a member other than next(). Throws std::bad_alloc.
    [[nodiscard]] auto prepare() -> std::span<char>;

    /// The first `count` bytes of what prepare() returned are there.
    void commit(std::size_t count) noexcept;

    /// Copies bytes in: prepare() and commit() for bytes that already lie elsewhere.
    void feed(std::string_view bytes);

    /// The next line that is complete, or nullopt when more bytes are needed. Linear in its length.
    /// Throws std::system_error (value_too_large) when a line is longer than `max_line` and not to be cut; then every
    /// further call does, until start().
    [[nodiscard]] auto next() -> std::optional<text>;

    /// After the last byte, when next() has returned nullopt: the line that no '\n' ended, if there is one.
    [[nodiscard]] auto finish() -> std::optional<text>;

    /// Begins anew with other bytes, and drops those that have not become lines. Goes on in the same chunk: the lines
    /// of many small files share one.
    void start(std::string name);

    /// The number of bytes since the beginning or the last start().
    [[nodiscard]] auto offset() const noexcept -> std::uint64_t { return x_offset; }

private:
    using chunk = detail::text_chunk;

    [[nodiscard]] auto pending() const noexcept -> std::size_t { return x_end - x_begin; }
    [[nodiscard]] auto cut(std::size_t size) noexcept -> text;
    [[nodiscard]] auto piece_of_long_line() -> text;
    [[nodiscard]] auto free_chunk(std::size_t capacity) -> chunk*;
    void change_chunk();
    void move_pending(chunk* to, std::size_t begin) noexcept;
    void zero_slack() noexcept;
    void return_references() noexcept;
    void drop_chunks() noexcept;
    [[noreturn]] void fail_too_long() const;

    line_options x_options;
    std::string x_name;
    std::vector<chunk*> x_chunks;  // one reference each; the oldest first
    chunk* x_chunk = nullptr;      // the one in use, also in x_chunks
    std::size_t x_references = 0;  // more references to x_chunk, taken in advance for lines to come
    std::size_t x_begin = 0;       // in x_chunk: where the bytes begin that have not become lines,
    std::size_t x_scanned = 0;     // up to where there is no '\n' among them,
    std::size_t x_end = 0;         // and where they end
    std::size_t x_first_free = 0;  // lines of x_chunk may read up to here: nothing is written before it
    std::uint64_t x_offset = 0;
};

}  // namespace core
}  // namespace sluice
