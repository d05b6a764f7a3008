#pragma once

#include <filesystem>
#include <iosfwd>
#include <span>

namespace sluice::detail {

/// Where bytes are read from: a file, or a stream of somebody else's.
class bytes_in {
public:
    bytes_in() = default;
    explicit bytes_in(std::istream& stream) noexcept : stream_(&stream) {}
    bytes_in(bytes_in&& other) noexcept;
    auto operator=(bytes_in&& other) noexcept -> bytes_in&;
    ~bytes_in() { close(); }

    /// Throws std::system_error: "cannot open '/there/it.is': No such file or directory".
    void open(std::filesystem::path const& path);
    /// Reads at most as much as there is room, without waiting for more once there is some; 0 at the end, or without a
    /// source. Throws std::system_error.
    auto read(std::span<char> room) -> std::size_t;

private:
    void close() noexcept;
    auto read_file(std::span<char> room) -> std::size_t;
    auto read_stream(std::span<char> room) -> std::size_t;

    std::filesystem::path path_;
    std::istream* stream_ = nullptr;
    int file_ = -1;
};

}  // namespace sluice::detail
