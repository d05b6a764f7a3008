#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/text.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

/// How a table is written, as comma-separated values: RFC 4180, and its common variants.
struct csv_options {
    /// Between two fields. Any byte but `\n`, `\r`, and the quote.
    char delimiter = ',';
    /// Around a field that holds delimiters, newlines or quotes, which are doubled then.
    char quote = '"';
    /// The first row has the names of the columns. Without, columns have numbers alone.
    bool has_header = true;
    /// A row may have fewer or more fields than the header, or the first row, has columns; else that is an error.
    bool is_ragged = false;
    /// A quote inside a field that does not begin with one, text behind a closing quote, and a quote that nothing
    /// closes are errors. If not, they are taken as they come.
    bool is_strict = true;
    /// The longest row, in bytes, 1 … 2^32 - 1. A longer one is an error: so a quote that nobody has closed does not
    /// bring a huge file into the memory.
    std::size_t max_row = 1024 * 1024;
};
static_assert(std::is_trivially_destructible_v<csv_options>);

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(csv_options const& options);

/// What is wrong with a table, and where: "orders.csv:17: column 'price': 'abc' is not a number".
class SLUICE_THROWN csv_error : public std::runtime_error {
public:
    /// `what` is the whole sentence, `line` what line() gives.
    csv_error(std::string const& what, std::uint64_t line) : std::runtime_error(what), line_(line) {}
    /// The line of the file, from 1 on, in which the row begins; where a byte is wrong, that in which it is.
    auto line() const noexcept -> std::uint64_t { return line_; }

private:
    std::uint64_t line_;
};

namespace detail {
struct csv_table {
    std::string name;  // of the file
    std::vector<std::string> columns;
    std::optional<std::size_t> width;  // how many fields each row has, once that is known
};
}  // namespace detail

/// A row of a table: its fields, by the names of their columns or by their numbers. A value, as an event is one.
///
/// All fields of a row lie in one text; a field is a part of it, which is made when it is asked for, without copying
/// its characters. See `text` for how long it lives and which memory it keeps: what is kept for long, compact().
class SLUICE_API csv_row {
public:
    csv_row() = default;

    /// How many fields it has.
    auto size() const noexcept -> std::size_t { return ends_.size(); }
    /// A field by its number, from 0 on, less than size(). O(1).
    auto operator[](std::size_t column) const noexcept -> text;
    /// The same, checked: throws csv_error, which names file, line and column.
    auto at(std::size_t column) const -> text;
    /// The field of the column with that name. Throws csv_error when there is no such column, or the row ends before
    /// it. O(columns).
    auto at(std::string_view column) const -> text { return at(number_of(column)); }
    /// The same, or nullopt.
    auto find(std::string_view column) const -> std::optional<text>;

    /// A field as a number, all of it, as std::from_chars reads it; bool is 0 or 1. Throws csv_error: "orders.csv:17:
    /// column 'price': 'abc' is not a number". For what may be empty see find().
    template <class Number, class Column>
    auto as(Column const& column) const -> Number {
        static_assert(std::is_arithmetic_v<Number>,
                      "sluice::csv_row::as<T>: T must be a type of numbers. For the text take row.at(column).");
        auto const at_number = position(column);
        auto const field = at(at_number);
        std::conditional_t<std::same_as<Number, bool>, unsigned char, Number> result{};
        auto const [end, error] = std::from_chars(field.begin(), field.end(), result);
        if (error == std::errc::result_out_of_range) fail(at_number, field, "is out of range");
        if (error != std::errc() || end != field.end()) fail(at_number, field, "is not a number");
        if constexpr (std::same_as<Number, bool>) {
            if (result > 1) fail(at_number, field, "is not 0 or 1");
        }
        return static_cast<Number>(result);
    }

    /// The names of the columns; none without a header.
    auto columns() const noexcept -> std::vector<std::string> const&;
    /// The line of the file in which it begins, from 1 on.
    auto line() const noexcept -> std::uint64_t { return line_; }

    /// Rows are equal when their fields are.
    friend auto operator==(csv_row const& a, csv_row const& b) noexcept -> bool {
        return a.ends_ == b.ends_ && a.bytes_ == b.bytes_;
    }

    // How it is made.
    /// For csv_reader: the columns of the table, the bytes of the row, where in them each field ends, and its first
    /// line.
    csv_row(std::shared_ptr<detail::csv_table const> table, text bytes, std::vector<std::uint32_t> ends,
            std::uint64_t line) noexcept
        : table_(std::move(table)), bytes_(std::move(bytes)), ends_(std::move(ends)), line_(line) {}

private:
    auto number_of(std::string_view column) const -> std::size_t;
    auto position(std::string_view column) const -> std::size_t { return number_of(column); }
    template <std::integral Position>
    auto position(Position column) const -> std::size_t {
        return static_cast<std::size_t>(column);
    }
    [[noreturn]] void fail(std::size_t column, text const& field, char const* what) const;

    std::shared_ptr<detail::csv_table const> table_;
    text bytes_;
    std::vector<std::uint32_t> ends_;
    std::uint64_t line_ = 0;
};

/// Reads the rows of a table from a file or a stream. libcsv parses them.
///
///     sluice::csv_reader reader{path};
///     std::vector<sluice::csv_row> rows;
///     while (reader.read(rows, 1000)) { use(rows); rows.clear(); }
///
/// Rows end at `\n`, `\r` or both; what follows the last one is a row too. A quoted field may hold newlines. Spaces
/// belong to the field. Empty lines are skipped, and so is a UTF-8 byte order mark. Nothing is decoded.
/// All reading blocks. Memory: some pieces of 64 KiB, and the longest row.
/// Thread safety: one thread at a time; the rows may be used and dropped on any other.
class SLUICE_API csv_reader {
public:
    /// Reads from no file until open() is called. Throws errc::invalid_option.
    explicit csv_reader(csv_options const& options = {});
    /// Opens a file (or a pipe, or a device). Throws std::system_error with the path in its message, and
    /// errc::invalid_option.
    explicit csv_reader(std::filesystem::path const& path, csv_options const& options = {});
    /// Reads from a stream, which must live as long as the reader reads from it.
    explicit csv_reader(std::istream& stream, csv_options const& options = {});

    /// What was moved from can only be destroyed or assigned to.
    csv_reader(csv_reader&& other) noexcept;
    /// Goes on where the other one is; what was not read here is dropped.
    auto operator=(csv_reader&& other) noexcept -> csv_reader&;
    ~csv_reader();

    /// Goes on with another file, which has a header of its own. Rows that were not read are dropped.
    void open(std::filesystem::path const& path);

    /// Appends rows to `rows`, at least one and at most `max_rows`, by its push_back(csv_row&&). Fewer than `max_rows`
    /// when it would have to wait for more bytes. Returns false, and appends nothing, at the end or when `max_rows` is
    /// 0.
    ///
    /// Throws csv_error when the table is wrong, with what has been read before it delivered first; std::system_error
    /// when reading fails. Every further call throws the same.
    template <class Container>
    auto read(Container& rows, std::size_t max_rows) -> bool {
        std::size_t count = 0;
        while (count < max_rows) {
            if (auto* const row = next()) {
                rows.push_back(std::move(*row));
                ++count;
            } else if (count != 0 || !fill()) {
                break;
            }
        }
        return count != 0;
    }

    /// The number of bytes that were read from the present file or stream: for showing progress.
    auto bytes_read() const noexcept -> std::uint64_t;

private:
    auto next() noexcept -> csv_row*;
    auto fill() -> bool;

    class parser;
    std::unique_ptr<parser> parser_;
};

}  // namespace sluice
