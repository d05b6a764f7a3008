#pragma once

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <ostream>
#include <sluice/detail/flow_ends.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::detail {

/// Writes lines to a file, through a buffer. What cannot be written throws std::system_error, which names the path.
class line_writer {
public:
    /// Nothing is opened yet.
    explicit line_writer(std::filesystem::path path) : path_(std::move(path)) {}
    line_writer(line_writer const&) = delete;
    auto operator=(line_writer const&) -> line_writer& = delete;
    /// Closes the file; what lies in the buffer is written by close() only.
    ~line_writer();

    void write(std::string_view line);
    /// Writes the rest, and creates the file if no line did.
    void close();

private:
    void open();
    void flush();
    [[noreturn]] void fail(char const* what, int error) const;

    static constexpr std::size_t enough = 64 * 1024;

    std::filesystem::path path_;
    std::string buffer_;
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
    auto push(T&& event, pace&) -> bool {
        if constexpr (reads_as_text<T>) {
            writer->write(event);
        } else {
            std::ostringstream line;
            line << event;
            writer->write(line.view());
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
