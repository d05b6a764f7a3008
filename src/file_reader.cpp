#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <istream>
#include <sluice/file_reader.hpp>
#include <system_error>
#include <utility>

namespace sluice {

line_reader::line_reader(line_options options) : x_splitter{options} {}

line_reader::line_reader(std::filesystem::path const& path, line_options options) : x_splitter{options} { open(path); }

line_reader::line_reader(std::istream& stream, line_options options)
    : x_splitter{options, "stream"}, x_stream{&stream} {}

line_reader::line_reader(line_reader&& other) noexcept
    : x_splitter{std::move(other.x_splitter)},
      x_path{std::move(other.x_path)},
      x_stream{std::exchange(other.x_stream, nullptr)},
      x_file{std::exchange(other.x_file, -1)} {}

auto line_reader::operator=(line_reader&& other) noexcept -> line_reader& {
    if (this == &other) return *this;
    close();
    x_splitter = std::move(other.x_splitter);
    x_path = std::move(other.x_path);
    x_stream = std::exchange(other.x_stream, nullptr);
    x_file = std::exchange(other.x_file, -1);
    return *this;
}

line_reader::~line_reader() { close(); }

void line_reader::open(std::filesystem::path const& path) {
    close();
    x_stream = nullptr;
    x_path = path;
    x_splitter.start(path.string());
    do {
        x_file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    } while (x_file < 0 && errno == EINTR);
    if (x_file < 0) throw std::system_error{errno, std::system_category(), "cannot open '" + path.string() + "'"};
#ifdef POSIX_FADV_SEQUENTIAL
    ::posix_fadvise(x_file, 0, 0, POSIX_FADV_SEQUENTIAL);  // a hint: what does not understand it reads all the same
#endif
}

auto line_reader::fill() -> bool {
    if (x_file < 0 && x_stream == nullptr) return false;
    auto const count = x_file >= 0 ? fill_from_file() : fill_from_stream();
    x_splitter.commit(count);
    return count != 0;
}

auto line_reader::fill_from_file() -> std::size_t {
    auto const room = x_splitter.prepare();
    while (true) {
        auto const count = ::read(x_file, room.data(), room.size());
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) {
            throw std::system_error{errno, std::system_category(), "cannot read '" + x_path.string() + "'"};
        }
    }
}

// Takes what the stream has without waiting for more. A stream that cannot say how much that is (std::cin) gives one
// line at a time.
auto line_reader::fill_from_stream() -> std::size_t {
    auto const room = x_splitter.prepare();
    auto& stream = *x_stream;
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

void line_reader::close() noexcept {
    if (x_file >= 0) ::close(std::exchange(x_file, -1));
}

}  // namespace sluice
