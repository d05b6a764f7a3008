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

line_splitter::line_splitter(line_options options, std::string name) : options_{options}, name_{std::move(name)} {
    require_positive("chunk_size", options.chunk_size);
    require_positive("max_line", options.max_line);
}

line_splitter::line_splitter(line_splitter&& other) noexcept
    : options_{other.options_},
      name_{std::move(other.name_)},
      chunks_{std::exchange(other.chunks_, {})},
      chunk_{std::exchange(other.chunk_, nullptr)},
      references_{std::exchange(other.references_, 0)},
      begin_{std::exchange(other.begin_, 0)},
      scanned_{std::exchange(other.scanned_, 0)},
      end_{std::exchange(other.end_, 0)},
      first_free_{std::exchange(other.first_free_, 0)},
      offset_{std::exchange(other.offset_, 0)},
      skipped_{std::exchange(other.skipped_, 0)},
      skipping_{std::exchange(other.skipping_, false)} {}

auto line_splitter::operator=(line_splitter&& other) noexcept -> line_splitter& {
    if (this == &other) return *this;
    drop_chunks();
    options_ = other.options_;
    name_ = std::move(other.name_);
    chunks_ = std::exchange(other.chunks_, {});
    chunk_ = std::exchange(other.chunk_, nullptr);
    references_ = std::exchange(other.references_, 0);
    begin_ = std::exchange(other.begin_, 0);
    scanned_ = std::exchange(other.scanned_, 0);
    end_ = std::exchange(other.end_, 0);
    first_free_ = std::exchange(other.first_free_, 0);
    offset_ = std::exchange(other.offset_, 0);
    skipped_ = std::exchange(other.skipped_, 0);
    skipping_ = std::exchange(other.skipping_, false);
    return *this;
}

line_splitter::~line_splitter() { drop_chunks(); }

auto line_splitter::prepare() -> std::span<char> {
    // The last line given out is read a little beyond its end; the few bytes behind it move out of its way.
    auto const begin = end_ < first_free_ ? first_free_ : begin_;
    // A read for the last few bytes of a chunk costs more than it saves.
    auto const useful = std::min<std::size_t>(4096, options_.chunk_size / 8 + 1);
    if (chunk_ == nullptr || begin + pending() + useful > chunk_->capacity()) {
        change_chunk();
    } else if (begin != begin_) {
        move_pending(chunk_, begin);
    }
    return {chunk_->data() + end_, std::min(chunk_->capacity() - end_, options_.chunk_size)};
}

void line_splitter::commit(std::size_t count) noexcept {
    if (count == 0) return;
    end_ += count;
    offset_ += count;
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
    for (;;) {
        auto const* const from = scanned_ == end_ ? nullptr : chunk_->data() + scanned_;
        auto const* const newline =
            from == nullptr ? nullptr : static_cast<char const*>(std::memchr(from, '\n', end_ - scanned_));
        if (newline == nullptr) {
            scanned_ = end_;
            if (pending() <= options_.max_line && !skipping_) return std::nullopt;
            if (options_.long_lines != long_lines::skip) return piece_of_long_line();
            skip_to(end_, false);
            return std::nullopt;
        }
        auto const* const line = chunk_->data() + begin_;
        auto size = static_cast<std::size_t>(newline - line);
        auto const after = begin_ + size + 1;
        if (size > options_.max_line || skipping_) {
            if (options_.long_lines == long_lines::skip) {
                skip_to(after, true);
                continue;
            }
            scanned_ = begin_ + size;
            return piece_of_long_line();
        }
        if (size > 0 && line[size - 1] == '\r') --size;
        auto result = cut(size);
        begin_ = scanned_ = after;
        first_free_ = after + chunk::slack;
        return result;
    }
}

void line_splitter::skip_to(std::size_t end, bool ends_here) noexcept {
    if (!skipping_) ++skipped_;
    skipping_ = !ends_here;
    begin_ = scanned_ = end;
}

auto line_splitter::piece_of_long_line() -> text {
    if (options_.long_lines == long_lines::fail) fail_too_long();
    auto result = cut(options_.max_line);
    begin_ += options_.max_line;
    first_free_ = begin_ + chunk::slack;
    return result;
}

auto line_splitter::finish() -> std::optional<text> {
    if (skipping_) skip_to(end_, true);
    if (pending() == 0) return std::nullopt;
    auto result = cut(pending());
    begin_ = scanned_ = end_;
    first_free_ = end_ + chunk::slack;
    return result;
}

void line_splitter::start(std::string name) {
    name_ = std::move(name);
    begin_ = scanned_ = end_;
    offset_ = 0;
    skipping_ = false;
}

auto line_splitter::cut(std::size_t size) noexcept -> text {
    return detail::text_access::cut(chunk_, chunk_->data() + begin_, size, [this] {
        if (references_ == 0) {
            references_ = chunk_->capacity() / text::inline_capacity + 1;
            chunk_->retain(references_);
        }
        --references_;
    });
}

// The chunk for what comes next, with the unfinished bytes at its beginning. Often it is the same one: when all its
// lines are gone or were short, nobody else reads it.
void line_splitter::change_chunk() {
    auto const size = pending();
    auto const capacity = size < options_.chunk_size / 2 + 1 ? options_.chunk_size : 2 * size;
    return_references();
    auto* const next = free_chunk(capacity);
    move_pending(next, 0);
    first_free_ = 0;
    // The oldest give way to the newest, and chunks for long lines are for one use.
    for (auto at = chunks_.begin(); at != chunks_.end();) {
        bool const spare = (*at)->capacity() == options_.chunk_size &&
                           static_cast<std::size_t>(chunks_.end() - at) <= options_.spare_chunks + 1;
        if (spare || *at == chunk_) {
            ++at;
        } else {
            (*at)->release();
            at = chunks_.erase(at);
        }
    }
}

void line_splitter::move_pending(chunk* to, std::size_t begin) noexcept {
    if (pending() != 0) std::memmove(to->data() + begin, chunk_->data() + begin_, pending());
    chunk_ = to;
    scanned_ = scanned_ - begin_ + begin;
    end_ = end_ - begin_ + begin;
    begin_ = begin;
    zero_slack();
}

// Lines are read a little beyond their end; what they find there must have been written.
void line_splitter::zero_slack() noexcept { std::memset(chunk_->data() + end_, 0, chunk::slack); }

// A chunk that no line shares, the most recent one first for the sake of the cache.
auto line_splitter::free_chunk(std::size_t capacity) -> chunk* {
    auto const fits = [&](chunk const* each) { return each->capacity() == capacity && each->unique(); };
    if (chunk_ != nullptr && fits(chunk_)) return chunk_;
    if (auto const found = std::find_if(chunks_.rbegin(), chunks_.rend(), fits); found != chunks_.rend()) return *found;
    chunks_.reserve(chunks_.size() + 1);
    return chunks_.emplace_back(chunk::make(capacity));
}

void line_splitter::return_references() noexcept {
    if (references_ != 0) chunk_->release(std::exchange(references_, 0));
}

void line_splitter::drop_chunks() noexcept {
    return_references();
    for (auto* const each : chunks_) each->release();
    chunks_.clear();
    chunk_ = nullptr;
}

void line_splitter::fail_too_long() const {
    throw std::system_error{std::make_error_code(std::errc::value_too_large),
                            name_ + ": the line at byte " + std::to_string(offset_ - pending()) +
                                " is longer than line_options::max_line (" + std::to_string(options_.max_line) + ")"};
}

}  // namespace sluice::core
