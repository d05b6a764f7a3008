#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <sluice/detail/flow/line_writer.hpp>
#include <system_error>

namespace sluice::detail {

line_writer::~line_writer() {
    if (file_ >= 0) ::close(file_);
}

auto line_writer::appending::overflow(int_type c) -> int_type {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    to_->push_back(traits_type::to_char_type(c));
    return c;
}

auto line_writer::appending::xsputn(char const* from, std::streamsize n) -> std::streamsize {
    to_->append(from, static_cast<std::size_t>(n));
    return n;
}

void line_writer::write(std::string_view line) {
    buffer_.append(line);
    end_line();
}

auto line_writer::begin_line() -> std::ostream& {
    if (!stream_) stream_.emplace(buffer_);
    auto& [buffer, stream, fresh] = *stream_;
    stream.clear();
    stream.copyfmt(fresh);
    return stream;
}

void line_writer::end_line() {
    buffer_.push_back('\n');
    if (buffer_.size() >= enough) flush();
}

void line_writer::close() {
    flush();
    // Some file systems say only now that there was no room. The descriptor is gone in any case.
    if (::close(std::exchange(file_, -1)) != 0 && errno != EINTR) fail("cannot write", errno);
}

void line_writer::open() {
    if (file_ >= 0) return;
    do {
        file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    } while (file_ < 0 && errno == EINTR);
    if (file_ < 0) fail("cannot create", errno);
}

void line_writer::flush() {
    open();
    std::string_view rest = buffer_;
    while (!rest.empty()) {
        auto const written = ::write(file_, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            fail("cannot write", errno);
        }
    }
    buffer_.clear();
}

void line_writer::fail(char const* what, int error) const {
    throw std::system_error{error, std::system_category(), std::string(what) + " '" + path_.string() + "'"};
}

}  // namespace sluice::detail
