#include <csv.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <sluice/csv.hpp>
#include <sluice/errc.hpp>
#include <span>
#include <utility>

#include "bytes_in.hpp"

namespace sluice {
namespace {

auto where(std::string const& name, std::uint64_t line) -> std::string {
    return name + ":" + std::to_string(line) + ": ";
}

/// Bytes that come from a file, in a message: short, and in one line.
auto shown(std::string_view bytes) -> std::string {
    constexpr std::size_t most = 40;
    std::string result = "'";
    for (char const c : bytes.substr(0, most)) result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return result + (bytes.size() > most ? "...'" : "'");
}

auto no_byte(unsigned char) -> int { return 0; }

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

void validate(csv_options const& options) {
    auto const refuse = [](char const* member, std::string const& why) {
        detail::throw_invalid_option(std::string("csv_options::") + member + why);
    };
    auto const is_newline = [](char c) { return c == '\n' || c == '\r'; };
    if (is_newline(options.delimiter)) refuse("delimiter", " must not be a newline");
    if (is_newline(options.quote)) refuse("quote", " must not be a newline");
    if (options.delimiter == options.quote) {
        refuse("quote", " must differ from delimiter (got " + shown({&options.quote, 1}) + " for both)");
    }
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    if (options.max_row < 1 || options.max_row > most) {
        auto const got = " (got " + std::to_string(options.max_row) + ")";
        refuse("max_row", " must be at least 1 and at most " + std::to_string(most) + got);
    }
}

auto csv_row::operator[](std::size_t column) const noexcept -> text {
    auto const begin = column == 0 ? 0 : ends_[column - 1];
    return detail::text_access::part(bytes_, bytes_.data() + begin, ends_[column] - begin);
}

auto csv_row::at(std::size_t column) const -> text {
    if (column < size()) return (*this)[column];
    auto const is_known = column < columns().size();
    throw csv_error(where(table_ ? table_->name : "row", line_) + "there is no field for column " +
                        (is_known ? shown(columns()[column]) : std::to_string(column)) + "; the row has " +
                        std::to_string(size()),
                    line_);
}

auto csv_row::find(std::string_view column) const -> std::optional<text> {
    auto const& names = columns();
    auto const at = static_cast<std::size_t>(std::ranges::find(names, column) - names.begin());
    return at < names.size() && at < size() ? std::optional((*this)[at]) : std::nullopt;
}

auto csv_row::columns() const noexcept -> std::vector<std::string> const& {
    static std::vector<std::string> const none;
    return table_ ? table_->columns : none;
}

auto csv_row::number_of(std::string_view column) const -> std::size_t {
    auto const& names = columns();
    auto const found = std::ranges::find(names, column);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    std::string known;
    for (auto const& each : names) known += (known.empty() ? "" : ", ") + shown(each);
    throw csv_error(where(table_ ? table_->name : "row", line_) + "there is no column " + shown(column) +
                        (known.empty() ? "; columns have no names here" : "; there are " + known),
                    line_);
}

void csv_row::fail(std::size_t column, text const& field, char const* what) const {
    auto const name = column < columns().size() ? shown(columns()[column]) : std::to_string(column);
    throw csv_error(where(table_ ? table_->name : "row", line_) + "column " + name + ": " + shown(field) + " " + what,
                    line_);
}

/// libcsv says what a field is; this gathers fields to rows, and knows where they lie.
class csv_reader::parser {
public:
    explicit parser(csv_options const& options) : options_(options) { start("input"); }
    parser(std::istream& stream, csv_options const& options) : parser(options) {
        bytes_ = detail::bytes_in(stream);
        start("stream");
    }
    parser(parser const&) = delete;
    auto operator=(parser const&) -> parser& = delete;
    ~parser() { csv_free(&csv_); }

    auto options() const noexcept -> csv_options const& { return options_; }

    void open(std::filesystem::path const& path) {
        start(path.string());
        bytes_.open(path);
    }

    auto bytes_read() const noexcept -> std::uint64_t { return read_; }

    auto next() noexcept -> csv_row* { return taken_ < ready_.size() ? &ready_[taken_++] : nullptr; }

    auto fill() -> bool {
        if (error_) std::rethrow_exception(error_);
        if (is_over_) return false;
        ready_.clear();
        taken_ = 0;
        try {
            auto const count = bytes_.read(block_);
            read_ += count;
            if (count != 0) {
                take(skip_mark(std::string_view(block_.data(), count)));
            } else {
                finish();
            }
        } catch (...) {
            error_ = std::current_exception();
        }
        deliver();
        if (error_ && ready_.empty()) std::rethrow_exception(error_);
        return !is_over_ || !ready_.empty();
    }

private:
    void start(std::string name) {
        csv_free(&csv_);
        auto const flags = options_.is_strict ? CSV_STRICT | CSV_STRICT_FINI : 0;
        csv_init(&csv_, static_cast<unsigned char>(flags));
        csv_set_delim(&csv_, static_cast<unsigned char>(options_.delimiter));
        csv_set_quote(&csv_, static_cast<unsigned char>(options_.quote));
        csv_set_space_func(&csv_, no_byte);  // RFC 4180: spaces belong to the field
        csv_set_blk_size(&csv_, 4096);
        table_ = std::make_shared<detail::csv_table>();
        table_->name = std::move(name);
        row_.clear();
        row_ends_.clear();
        gathered_.clear();
        rows_.clear();
        ready_.clear();
        taken_ = mark_ = 0;
        line_ = row_line_ = 1;
        line_offset_ = 0;
        read_ = 0;
        error_ = nullptr;
        is_over_ = has_columns_ = false;
    }

    /// Bytes without the mark at the beginning, which may come in pieces.
    auto skip_mark(std::string_view bytes) -> std::string_view {
        while (mark_ < byte_order_mark.size()) {
            if (bytes.empty()) return bytes;
            if (bytes.front() != byte_order_mark[mark_]) {
                auto const begun = std::exchange(mark_, byte_order_mark.size());
                take(byte_order_mark.substr(0, begun));
                break;
            }
            bytes.remove_prefix(1);
            ++mark_;
        }
        return bytes;
    }

    /// A line at a time, so that the place of each row is known.
    void take(std::string_view bytes) {
        while (!bytes.empty() && !error_) {
            auto const newline = bytes.find('\n');
            bool const ends = newline != std::string_view::npos;
            auto const piece = bytes.substr(0, ends ? newline + 1 : newline);
            if (csv_.pstate == 0) row_line_ = line_;
            auto const parsed = csv_parse(&csv_, piece.data(), piece.size(), on_field, on_row, this);
            if (error_) return;
            if (parsed != piece.size()) fail_at(parsed);
            if (row_.size() + csv_.entry_pos > options_.max_row) fail_too_long();
            line_offset_ = ends ? 0 : line_offset_ + piece.size();
            line_ += ends ? 1 : 0;
            bytes.remove_prefix(piece.size());
        }
    }

    void finish() {
        take(byte_order_mark.substr(0, mark_ < byte_order_mark.size() ? std::exchange(mark_, 3) : 0));
        is_over_ = true;
        if (error_ || csv_fini(&csv_, on_field, on_row, this) == 0) return;
        throw csv_error(where(table_->name, row_line_) + "the row that begins here ends inside a quoted field",
                        row_line_);
    }

    [[noreturn]] void fail_at(std::size_t parsed) const {
        if (csv_.status != CSV_EPARSE) throw std::bad_alloc();
        auto const what = csv_.quoted != 0 ? "text behind the quote that closes a field"
                                           : "a quote in a field that does not begin with one";
        auto const column = std::to_string(line_offset_ + parsed + 1);
        throw csv_error(table_->name + ":" + std::to_string(line_) + ":" + column + ": " + what, line_);
    }
    [[noreturn]] void fail_too_long() const {
        throw csv_error(where(table_->name, row_line_) +
                            "the row that begins here is longer than csv_options::max_row allows (" +
                            std::to_string(options_.max_row) + " bytes); is a quote not closed?",
                        row_line_);
    }

    // Exceptions must not pass through libcsv, which is C.

    static void on_field(void* bytes, std::size_t size, void* self) noexcept {
        auto& p = *static_cast<parser*>(self);
        if (p.error_) return;
        try {
            if (size != 0) p.row_.append(static_cast<char const*>(bytes), size);
            p.row_ends_.push_back(static_cast<std::uint32_t>(p.row_.size()));
        } catch (...) {
            p.error_ = std::current_exception();
        }
    }
    static void on_row(int, void* self) noexcept {
        auto& p = *static_cast<parser*>(self);
        if (p.error_) return;
        try {
            p.end_row();
        } catch (...) {
            p.error_ = std::current_exception();
        }
        p.row_.clear();
        p.row_ends_.clear();
        p.row_line_ = p.line_;  // two rows in a line end at '\r'
    }

    void end_row() {
        if (row_.size() > options_.max_row) fail_too_long();
        if (!table_->width) table_->width = row_ends_.size();
        if (options_.has_header && !std::exchange(has_columns_, true)) {
            name_columns();
            return;
        }
        if (!options_.is_ragged && row_ends_.size() != *table_->width) fail_ragged();
        rows_.push_back({gathered_.size(), row_.size(), row_line_, std::move(row_ends_)});
        gathered_ += row_;
    }
    void name_columns() {
        std::size_t begin = 0;
        for (auto const end : row_ends_) {
            auto name = row_.substr(begin, end - begin);
            if (!name.empty() && std::ranges::find(table_->columns, name) != table_->columns.end()) {
                throw csv_error(where(table_->name, row_line_) + "two columns are called " + shown(name), row_line_);
            }
            table_->columns.push_back(std::move(name));
            begin = end;
        }
    }
    [[noreturn]] void fail_ragged() const {
        auto const has = row_ends_.size();
        auto const width = *table_->width;
        std::string what = "the row has " + std::to_string(has) + (has == 1 ? " field" : " fields") + " instead of " +
                           std::to_string(width);
        if (has < width && has < table_->columns.size()) {
            what += "; column " + shown(table_->columns[has]) + " is the first that is missing";
        }
        throw csv_error(where(table_->name, row_line_) + what, row_line_);
    }

    /// The rows of a block share their memory.
    void deliver() {
        text const all{std::string_view(gathered_)};
        for (auto& each : rows_) {
            auto bytes = detail::text_access::part(all, all.data() + each.begin, each.size);
            ready_.emplace_back(table_, std::move(bytes), std::move(each.ends), each.line);
        }
        gathered_.clear();
        rows_.clear();
    }

    struct whole_row {
        std::size_t begin;
        std::size_t size;
        std::uint64_t line;
        std::vector<std::uint32_t> ends;
    };

    csv_options options_;
    detail::bytes_in bytes_;
    std::array<char, 64 * 1024> block_;
    csv_parser csv_{};
    std::shared_ptr<detail::csv_table> table_;
    std::string row_;  // the fields of the row that has begun
    std::vector<std::uint32_t> row_ends_;
    std::string gathered_;  // the fields of whole rows
    std::vector<whole_row> rows_;
    std::vector<csv_row> ready_;
    std::size_t taken_ = 0;
    std::size_t mark_ = 0;  // how many bytes of the mark have come
    std::uint64_t line_ = 1;
    std::uint64_t row_line_ = 1;
    std::size_t line_offset_ = 0;
    std::uint64_t read_ = 0;  // bytes
    std::exception_ptr error_;
    bool is_over_ = false;
    bool has_columns_ = false;
};

csv_reader::csv_reader(csv_options const& options) {
    validate(options);
    parser_ = std::make_unique<parser>(options);
}

csv_reader::csv_reader(std::filesystem::path const& path, csv_options const& options) : csv_reader(options) {
    open(path);
}

csv_reader::csv_reader(std::istream& stream, csv_options const& options) {
    validate(options);
    parser_ = std::make_unique<parser>(stream, options);
}

csv_reader::csv_reader(csv_reader&& other) noexcept = default;
auto csv_reader::operator=(csv_reader&& other) noexcept -> csv_reader& = default;
csv_reader::~csv_reader() = default;

void csv_reader::open(std::filesystem::path const& path) { parser_->open(path); }

auto csv_reader::next() noexcept -> csv_row* { return parser_->next(); }

auto csv_reader::fill() -> bool { return parser_->fill(); }
auto csv_reader::bytes_read() const noexcept -> std::uint64_t { return parser_->bytes_read(); }

}  // namespace sluice
