#include "bytes_in.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <istream>
#include <system_error>
#include <utility>

namespace sluice::detail {

bytes_in::bytes_in(bytes_in&& other) noexcept
    : path_(std::move(other.path_)),
      stream_(std::exchange(other.stream_, nullptr)),
      file_(std::exchange(other.file_, -1)) {}

auto bytes_in::operator=(bytes_in&& other) noexcept -> bytes_in& {
    if (this == &other) return *this;
    close();
    path_ = std::move(other.path_);
    stream_ = std::exchange(other.stream_, nullptr);
    file_ = std::exchange(other.file_, -1);
    return *this;
}

void bytes_in::open(std::filesystem::path const& path) {
    close();
    stream_ = nullptr;
    path_ = path;
    do {
        file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    } while (file_ < 0 && errno == EINTR);
    if (file_ < 0) throw std::system_error{errno, std::system_category(), "cannot open '" + path.string() + "'"};
#ifdef POSIX_FADV_SEQUENTIAL
    ::posix_fadvise(file_, 0, 0, POSIX_FADV_SEQUENTIAL);  // a hint: what does not understand it reads all the same
#endif
}

auto bytes_in::read(std::span<char> room) -> std::size_t {
    if (file_ >= 0) return read_file(room);
    return stream_ ? read_stream(room) : 0;
}

auto bytes_in::read_file(std::span<char> room) -> std::size_t {
    while (true) {
        auto const count = ::read(file_, room.data(), room.size());
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) {
            throw std::system_error{errno, std::system_category(), "cannot read '" + path_.string() + "'"};
        }
    }
}

// Takes what the stream has without waiting for more. A stream that cannot say how much that is (std::cin) gives one
// line at a time.
auto bytes_in::read_stream(std::span<char> room) -> std::size_t {
    auto& stream = *stream_;
    std::size_t count = 0;
    if (stream.good() && stream.peek() != std::istream::traits_type::eof()) {
        auto const available = stream.rdbuf()->in_avail();
        if (available > 1) {
            stream.read(room.data(), std::min(available, static_cast<std::streamsize>(room.size())));
            count = static_cast<std::size_t>(stream.gcount());
        } else {
            while (count < room.size() && stream.get(room[count])) {
                if (room[count++] == '\n') break;
            }
        }
    }
    if (stream.bad()) throw std::system_error{std::make_error_code(std::errc::io_error), "cannot read from the stream"};
    return count;
}

void bytes_in::close() noexcept {
    if (file_ >= 0) ::close(std::exchange(file_, -1));
}

}  // namespace sluice::detail
