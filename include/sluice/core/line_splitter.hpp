#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <sluice/core/api.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sluice/core/text_chunk.hpp>
#include <sluice/line_options.hpp>
#include <sluice/text.hpp>

namespace sluice::core {

/// Bytes go in as they come, lines come out as texts that share the bytes.
///
/// A line ends at `\n`, which is not part of it, and neither is one `\r` right before it. What follows the last `\n` is
/// a line too, unless it is empty; it keeps its `\r`. Zero bytes are like any others.
///
///     while (auto count = read(splitter.prepare())) {
///         splitter.commit(count);
///         while (auto line = splitter.next()) use(*line);
///     }
///     if (auto line = splitter.finish()) use(*line);
///
/// Memory: the chunks that lines lie in, `spare_chunks` more, and the unfinished line.
/// Thread safety: one thread at a time; the lines may be used and dropped on any other.
class SLUICE_API line_splitter {
public:
    /// `name` says in errors where the bytes come from. Throws errc::invalid_option when an option is 0.
    explicit line_splitter(line_options options = {}, std::string name = "input");

    /// What was moved from can only be destroyed or assigned to.
    line_splitter(line_splitter&& other) noexcept;
    /// Goes on where the other one is; bytes that were not taken here are dropped.
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
    /// Throws std::system_error (value_too_large) when a line is longer than `max_line` and neither to be cut nor
    /// skipped; then every further call does, until start().
    [[nodiscard]] auto next() -> std::optional<text>;

    /// After the last byte, when next() has returned nullopt: the line that no '\n' ended, if there is one.
    [[nodiscard]] auto finish() -> std::optional<text>;

    /// Begins anew with other bytes, and drops those that have not become lines. Goes on in the same chunk: the lines
    /// of many small files share one.
    void start(std::string name);

    /// The number of bytes since the beginning or the last start().
    [[nodiscard]] auto offset() const noexcept -> std::uint64_t { return offset_; }

    /// Lines that were longer than `max_line` and skipped, ever.
    [[nodiscard]] auto skipped() const noexcept -> std::uint64_t { return skipped_; }

private:
    using chunk = text_chunk;

    [[nodiscard]] auto pending() const noexcept -> std::size_t { return end_ - begin_; }
    [[nodiscard]] auto cut(std::size_t size) noexcept -> text;
    [[nodiscard]] auto piece_of_long_line() -> text;
    void skip_to(std::size_t end, bool ends_here) noexcept;
    [[nodiscard]] auto free_chunk(std::size_t capacity) -> chunk*;
    void change_chunk();
    void move_pending(chunk* to, std::size_t begin) noexcept;
    void zero_slack() noexcept;
    void return_references() noexcept;
    void drop_chunks() noexcept;
    [[noreturn]] void fail_too_long() const;

    line_options options_;
    std::string name_;
    std::vector<chunk*> chunks_;  // one reference each; the oldest first
    chunk* chunk_ = nullptr;      // the one in use, also in chunks_
    std::size_t references_ = 0;  // more references to chunk_, taken in advance for lines to come
    std::size_t begin_ = 0;       // in chunk_: where the bytes begin that have not become lines,
    std::size_t scanned_ = 0;     // up to where there is no '\n' among them,
    std::size_t end_ = 0;         // and where they end
    std::size_t first_free_ = 0;  // lines of chunk_ may read up to here: nothing is written before it
    std::uint64_t offset_ = 0;
    std::uint64_t skipped_ = 0;
    bool skipping_ = false;  // the line whose beginning was dropped goes on
};

}  // namespace sluice::core
