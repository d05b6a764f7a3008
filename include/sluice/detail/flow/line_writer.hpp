#pragma once

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/ends.hpp>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::detail {

/// Writes lines to a file, through a buffer. What cannot be written throws std::system_error, which names the path.
class SLUICE_API line_writer {
public:
    /// Nothing is opened yet.
    explicit line_writer(std::filesystem::path path) : path_(std::move(path)) {}
    line_writer(line_writer const&) = delete;
    auto operator=(line_writer const&) -> line_writer& = delete;
    /// Closes the file; what lies in the buffer is written by close() only.
    ~line_writer();

    /// Creates the file, unless it is open.
    void open();
    void write(std::string_view line);
    /// For a line that `<<` writes, as with a stream that is new for each; end_line() ends it.
    auto begin_line() -> std::ostream&;
    void end_line();
    /// Writes the rest.
    void close();

private:
    /// Appends to a string.
    class appending final : public std::streambuf {
    public:
        explicit appending(std::string& to) : to_(&to) {}

    private:
        auto overflow(int_type c) -> int_type override;
        auto xsputn(char const* from, std::streamsize n) -> std::streamsize override;

        std::string* to_;
    };
    struct text_stream {
        explicit text_stream(std::string& to) : buffer(to), stream(&buffer), fresh(nullptr) { fresh.copyfmt(stream); }

        appending buffer;
        std::ostream stream;
        std::ios fresh;  // how a new stream writes
    };

    void flush();
    [[noreturn]] void fail(char const* what, int error) const;

    static constexpr std::size_t enough = 64 * 1024;

    std::filesystem::path path_;
    std::string buffer_;
    std::optional<text_stream> stream_;
    int file_ = -1;
};

template <class T>
concept reads_as_text = std::convertible_to<T const&, std::string_view>;
template <class T>
concept streamable = requires(std::ostream& to, T const& event) {
    to << event;
};

/// Into the lines of a file.
template <class T>
struct lines_end : flow_end {
    explicit lines_end(std::shared_ptr<line_writer> w) : writer(std::move(w)) {}
    /// Comes first of all: so what cannot be created is known at once.
    auto resume(pace&) -> bool {
        writer->open();
        return true;
    }
    auto push(T&& event, pace&) -> bool {
        if constexpr (reads_as_text<T>) {
            writer->write(event);
        } else {
            writer->begin_line() << event;
            writer->end_line();
        }
        return true;
    }
    auto finish(pace&) -> bool {
        writer->close();
        return true;
    }

    std::shared_ptr<line_writer> writer;
};

}  // namespace sluice::detail
