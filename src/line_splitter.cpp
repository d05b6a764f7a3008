#include <algorithm>
#include <cstring>
#include <sluice/core/line_splitter.hpp>
#include <sluice/errc.hpp>
#include <system_error>

namespace sluice::core {
namespace {

void require_positive(char const* option, std::size_t value) {
    if (value == 0)
        detail::throw_invalid_option(std::string{"line_options::"} + option + " must be at least 1 (got 0)");
}

}  // namespace

line_splitter::line_splitter(line_options options, std::string name) : x_options{options}, x_name{std::move(name)} {
    require_positive("chunk_size", options.chunk_size);
    require_positive("max_line", options.max_line);
}

line_splitter::line_splitter(line_splitter&& other) noexcept
    : x_options{other.x_options},
      x_name{std::move(other.x_name)},
      x_chunks{std::exchange(other.x_chunks, {})},
      x_chunk{std::exchange(other.x_chunk, nullptr)},
      x_references{std::exchange(other.x_references, 0)},
      x_begin{std::exchange(other.x_begin, 0)},
      x_scanned{std::exchange(other.x_scanned, 0)},
      x_end{std::exchange(other.x_end, 0)},
      x_first_free{std::exchange(other.x_first_free, 0)},
      x_offset{std::exchange(other.x_offset, 0)} {}

auto line_splitter::operator=(line_splitter&& other) noexcept -> line_splitter& {
    if (this == &other) return *this;
    drop_chunks();
    x_options = other.x_options;
    x_name = std::move(other.x_name);
    x_chunks = std::exchange(other.x_chunks, {});
    x_chunk = std::exchange(other.x_chunk, nullptr);
    x_references = std::exchange(other.x_references, 0);
    x_begin = std::exchange(other.x_begin, 0);
    x_scanned = std::exchange(other.x_scanned, 0);
    x_end = std::exchange(other.x_end, 0);
    x_first_free = std::exchange(other.x_first_free, 0);
    x_offset = std::exchange(other.x_offset, 0);
    return *this;
}

line_splitter::~line_splitter() { drop_chunks(); }

auto line_splitter::prepare() -> std::span<char> {
    // The last line given out is read a little beyond its end; the few bytes behind it move out of its way.
    auto const begin = x_end < x_first_free ? x_first_free : x_begin;
    // A read for the last few bytes of a chunk costs more than it saves.
    auto const useful = std::min<std::size_t>(4096, x_options.chunk_size / 8 + 1);
    if (x_chunk == nullptr || begin + pending() + useful > x_chunk->capacity()) {
        change_chunk();
    } else if (begin != x_begin) {
        move_pending(x_chunk, begin);
    }
    return {x_chunk->data() + x_end, std::min(x_chunk->capacity() - x_end, x_options.chunk_size)};
}

void line_splitter::commit(std::size_t count) noexcept {
    if (count == 0) return;
    x_end += count;
    x_offset += count;
    zero_slack();
}

void line_splitter::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        auto const room = prepare();
        auto const count = bytes.copy(room.data(), room.size());
        commit(count);
        bytes.remove_prefix(count);
    }
}

auto line_splitter::next() -> std::optional<text> {
    auto const* const from = x_scanned == x_end ? nullptr : x_chunk->data() + x_scanned;
    auto const* const newline =
        from == nullptr ? nullptr : static_cast<char const*>(std::memchr(from, '\n', x_end - x_scanned));
    if (newline == nullptr) {
        x_scanned = x_end;
        if (pending() > x_options.max_line) return piece_of_long_line();
        return std::nullopt;
    }
    auto const* const line = x_chunk->data() + x_begin;
    auto size = static_cast<std::size_t>(newline - line);
    if (size > x_options.max_line) {
        x_scanned = x_begin + size;
        return piece_of_long_line();
    }
    auto const after = x_begin + size + 1;
    if (size > 0 && line[size - 1] == '\r') --size;
    auto result = cut(size);
    x_begin = x_scanned = after;
    x_first_free = after + chunk::slack;
    return result;
}

auto line_splitter::piece_of_long_line() -> text {
    if (x_options.long_lines == long_lines::fail) fail_too_long();
    auto result = cut(x_options.max_line);
    x_begin += x_options.max_line;
    x_first_free = x_begin + chunk::slack;
    return result;
}

auto line_splitter::finish() -> std::optional<text> {
    if (pending() == 0) return std::nullopt;
    auto result = cut(pending());
    x_begin = x_scanned = x_end;
    x_first_free = x_end + chunk::slack;
    return result;
}

void line_splitter::start(std::string name) {
    x_name = std::move(name);
    x_begin = x_scanned = x_end;
    x_offset = 0;
}

auto line_splitter::cut(std::size_t size) noexcept -> text {
    return detail::text_access::cut(x_chunk, x_chunk->data() + x_begin, size, [this] {
        if (x_references == 0) {
            x_references = x_chunk->capacity() / text::inline_capacity + 1;
            x_chunk->retain(x_references);
        }
        --x_references;
    });
}

// The chunk for what comes next, with the unfinished bytes at its beginning. Often it is the same one: when all its
// lines are gone or were short, nobody else reads it.
void line_splitter::change_chunk() {
    auto const size = pending();
    auto const capacity = size < x_options.chunk_size / 2 + 1 ? x_options.chunk_size : 2 * size;
    return_references();
    auto* const next = free_chunk(capacity);
    move_pending(next, 0);
    x_first_free = 0;
    // The oldest give way to the newest, and chunks for long lines are for one use.
    for (auto at = x_chunks.begin(); at != x_chunks.end();) {
        bool const spare = (*at)->capacity() == x_options.chunk_size &&
                           static_cast<std::size_t>(x_chunks.end() - at) <= x_options.spare_chunks + 1;
        if (spare || *at == x_chunk) {
            ++at;
        } else {
            (*at)->release();
            at = x_chunks.erase(at);
        }
    }
}

void line_splitter::move_pending(chunk* to, std::size_t begin) noexcept {
    if (pending() != 0) std::memmove(to->data() + begin, x_chunk->data() + x_begin, pending());
    x_chunk = to;
    x_scanned = x_scanned - x_begin + begin;
    x_end = x_end - x_begin + begin;
    x_begin = begin;
    zero_slack();
}

// Lines are read a little beyond their end; what they find there must have been written.
void line_splitter::zero_slack() noexcept { std::memset(x_chunk->data() + x_end, 0, chunk::slack); }

// A chunk that no line shares, the most recent one first for the sake of the cache.
auto line_splitter::free_chunk(std::size_t capacity) -> chunk* {
    auto const fits = [&](chunk const* each) { return each->capacity() == capacity && each->unique(); };
    if (x_chunk != nullptr && fits(x_chunk)) return x_chunk;
    if (auto const found = std::find_if(x_chunks.rbegin(), x_chunks.rend(), fits); found != x_chunks.rend())
        return *found;
    x_chunks.reserve(x_chunks.size() + 1);
    return x_chunks.emplace_back(chunk::make(capacity));
}

void line_splitter::return_references() noexcept {
    if (x_references != 0) x_chunk->release(std::exchange(x_references, 0));
}

void line_splitter::drop_chunks() noexcept {
    return_references();
    for (auto* const each : x_chunks) each->release();
    x_chunks.clear();
    x_chunk = nullptr;
}

void line_splitter::fail_too_long() const {
    throw std::system_error{std::make_error_code(std::errc::value_too_large),
                            x_name + ": the line at byte " + std::to_string(x_offset - pending()) +
                                " is longer than line_options::max_line (" + std::to_string(x_options.max_line) + ")"};
}

}  // namespace sluice::core
