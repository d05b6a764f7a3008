#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::benchmarks {

/// Text as nature makes it, in that the n-th commonest word is n times rarer than the commonest (Zipf's law). Common
/// words are short, lines have about 70 bytes. The same seed gives the same bytes on every machine.
class word_text {
public:
    explicit word_text(std::uint64_t seed = 1, std::size_t distinct_words = 200'000);

    /// Appends whole lines until at least `bytes` have been added; less than 128 bytes more than that.
    void append_to(std::string& out, std::size_t bytes);

    /// The words that may come, the commonest first.
    [[nodiscard]] auto words() const noexcept -> std::vector<std::string> const& { return x_words; }

private:
    auto random() noexcept -> std::uint64_t;
    auto below(std::size_t bound) noexcept -> std::size_t;
    void make_words(std::size_t count);
    void make_odds();
    auto pick() noexcept -> std::string_view;

    std::uint64_t x_state;
    std::vector<std::string> x_words;
    // Walker's alias method: a place is chosen evenly, then it or its alias by its odds.
    std::vector<double> x_odds;
    std::vector<std::uint32_t> x_alias;
};

/// `bytes` of such text in memory.
[[nodiscard]] auto make_word_text(std::size_t bytes, std::uint64_t seed = 1, std::size_t distinct_words = 200'000)
    -> std::string;

/// Writes `bytes` of such text into a new file, a piece at a time. Throws std::system_error.
void write_word_text(std::filesystem::path const& file, std::size_t bytes, std::uint64_t seed = 1,
                     std::size_t distinct_words = 200'000);

/// The same in `files` files of about equal size in a folder, which is made when missing: text-0000.txt, ….
void write_word_files(std::filesystem::path const& folder, std::size_t files, std::size_t bytes, std::uint64_t seed = 1,
                      std::size_t distinct_words = 200'000);

}  // namespace sluice::benchmarks
