#include "word_text.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace sluice::benchmarks {

word_text::word_text(std::uint64_t seed, std::size_t distinct_words) : x_state{seed} {
    make_words(distinct_words);
    make_odds();
}

void word_text::append_to(std::string& out, std::size_t bytes) {
    auto const end = out.size() + bytes;
    out.reserve(end + 128);
    while (out.size() < end) {
        auto const line_end = out.size() + 40 + below(50);
        while (true) {
            out += pick();
            if (out.size() >= line_end) break;
            out += below(12) == 0 ? ", " : " ";
        }
        out += '\n';
    }
}

// SplitMix64, of Steele, Lea and Flood: "Fast splittable pseudorandom number generators".
auto word_text::random() noexcept -> std::uint64_t {
    auto mixed = (x_state += 0x9e3779b97f4a7c15U);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

auto word_text::below(std::size_t bound) noexcept -> std::size_t { return static_cast<std::size_t>(random() % bound); }

void word_text::make_words(std::size_t count) {
    constexpr std::string_view letters = "eeeeeetttttaaaaoooiiinnnssshhhrrrdlucmwfgypbvkjxqz";
    std::unordered_set<std::string> known;
    x_words.reserve(count);
    while (x_words.size() < count) {
        // 2 to 14 letters: more the rarer the word is; one in a hundred is a long compound.
        std::size_t size = 2;
        for (auto rank = x_words.size(); rank > 0; rank /= 6) ++size;
        size = size / 2 + 1 + below(size);
        if (below(100) == 0) size += 15;
        std::string word(size, ' ');
        for (auto& letter : word) letter = letters[below(letters.size())];
        if (known.insert(word).second) x_words.push_back(std::move(word));
    }
}

void word_text::make_odds() {
    auto const count = x_words.size();
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += 1.0 / static_cast<double>(i + 1);
    x_odds.resize(count);
    x_alias.resize(count);
    std::vector<std::uint32_t> rare;
    std::vector<std::uint32_t> common;
    for (std::size_t i = 0; i < count; ++i) {
        x_odds[i] = static_cast<double>(count) / static_cast<double>(i + 1) / sum;
        x_alias[i] = static_cast<std::uint32_t>(i);
        (x_odds[i] < 1.0 ? rare : common).push_back(static_cast<std::uint32_t>(i));
    }
    while (!rare.empty() && !common.empty()) {
        auto const low = rare.back();
        auto const high = common.back();
        rare.pop_back();
        x_alias[low] = high;
        x_odds[high] -= 1.0 - x_odds[low];
        if (x_odds[high] < 1.0) {
            common.pop_back();
            rare.push_back(high);
        }
    }
}

auto word_text::pick() noexcept -> std::string_view {
    auto const place = below(x_words.size());
    auto const chance = static_cast<double>(random() >> 11) * 0x1p-53;
    return x_words[chance < x_odds[place] ? place : x_alias[place]];
}

namespace {

void write(word_text& source, std::filesystem::path const& file, std::size_t bytes) {
    auto const fail = [&] {
        throw std::system_error{errno, std::system_category(), "cannot write '" + file.string() + "'"};
    };
    std::ofstream out{file, std::ios::binary};
    if (!out) fail();
    std::string piece;
    for (std::size_t written = 0; written < bytes; written += piece.size()) {
        piece.clear();
        source.append_to(piece, std::min<std::size_t>(bytes - written, 1024 * 1024));
        if (!out.write(piece.data(), static_cast<std::streamsize>(piece.size()))) fail();
    }
    out.close();
    if (!out) fail();
}

}  // namespace

auto make_word_text(std::size_t bytes, std::uint64_t seed, std::size_t distinct_words) -> std::string {
    word_text source{seed, distinct_words};
    std::string result;
    source.append_to(result, bytes);
    return result;
}

void write_word_text(std::filesystem::path const& file, std::size_t bytes, std::uint64_t seed,
                     std::size_t distinct_words) {
    word_text source{seed, distinct_words};
    write(source, file, bytes);
}

void write_word_files(std::filesystem::path const& folder, std::size_t files, std::size_t bytes, std::uint64_t seed,
                      std::size_t distinct_words) {
    std::filesystem::create_directories(folder);
    word_text source{seed, distinct_words};
    for (std::size_t i = 0; i < files; ++i) {
        auto const number = std::to_string(i);
        auto const zeros = std::string(number.size() < 4 ? 4 - number.size() : 0, '0');
        write(source, folder / ("text-" + zeros + number + ".txt"), (i + 1) * bytes / files - i * bytes / files);
    }
}

}  // namespace sluice::benchmarks
