#pragma once
// Data for samples and tests, made up but realistic in shape: texts whose words are distributed as in a language, and
// the log of a web server. The same seed gives the same data, with every compiler and standard library.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ios>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sample_data {

/// Random numbers that are the same everywhere; those of std::uniform_int_distribution are not. SplitMix64.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) : state_(seed) {}

    auto next() -> std::uint64_t {
        auto z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// 0 … n - 1. Precondition: n is not 0.
    auto below(std::uint64_t n) -> std::uint64_t { return next() % n; }
    auto between(std::int64_t least, std::int64_t most) -> std::int64_t {
        return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
    }
    /// 0 … n - 1, the small ones far more often: most visits are short, and most files small.
    auto skewed(std::uint64_t n) -> std::uint64_t { return below(below(below(n) + 1) + 1); }
    auto one_in(std::uint64_t n) -> bool { return below(n) == 0; }
    /// 0 … 1, without 1.
    auto unit() -> double { return static_cast<double>(next() >> 11) * 0x1p-53; }

    template <class Range>
    auto pick(Range const& of) -> auto const& {
        return of[static_cast<std::size_t>(below(of.size()))];
    }

private:
    std::uint64_t state_;
};

// --- Texts ---------------------------------------------------------------------------------------------------------

/// The words of a language, the commonest first, and how common each is: as Zipf and Mandelbrot found, the word of rank
/// n occurs with a frequency proportional to 1 / (n + 2.7).
class vocabulary {
public:
    explicit vocabulary(std::size_t size, std::uint64_t seed) {
        random_numbers random(seed);
        std::unordered_set<std::string> known;
        for (std::string_view const word : commonest) known.insert(words_.emplace_back(word));
        while (words_.size() < size) {
            auto word = made_up(random, words_.size());
            if (known.insert(word).second) words_.push_back(std::move(word));
        }
        double sum = 0;
        for (std::size_t rank = 1; rank <= words_.size(); ++rank) {
            sums_.push_back(sum += 1 / (static_cast<double>(rank) + 2.7));
        }
    }

    auto pick(random_numbers& random) const -> std::string const& {
        auto const at = std::upper_bound(sums_.begin(), sums_.end() - 1, random.unit() * sums_.back());
        return words_[static_cast<std::size_t>(at - sums_.begin())];
    }
    auto words() const noexcept -> std::vector<std::string> const& { return words_; }

private:
    static constexpr std::array<std::string_view, 30> commonest{
        "the", "of", "and", "to", "a", "in",   "that", "is",  "was", "he",  "for",  "it", "with", "as", "his",
        "on",  "be", "at",  "by", "i", "this", "had",  "not", "are", "but", "from", "or", "have", "an", "they"};

    /// Common words are short, in every language.
    static auto made_up(random_numbers& random, std::size_t rank) -> std::string {
        static constexpr std::array<std::string_view, 28> begins{
            "b", "c", "d",  "f",  "g",  "h",  "k",  "l",  "m",  "n",  "p",  "r",  "s",  "t",
            "v", "w", "br", "ch", "cl", "dr", "fl", "gr", "pl", "pr", "sh", "st", "th", "tr"};
        static constexpr std::array<std::string_view, 10> middles{"a",  "e",  "i",  "o",  "u",
                                                                  "ai", "ea", "ee", "ou", "io"};
        static constexpr std::array<std::string_view, 12> ends{"",  "",  "",  "n",  "r",  "s",
                                                               "t", "l", "m", "nd", "st", "ng"};
        std::size_t const longest = rank < 300 ? 2 : rank < 3000 ? 3 : 4;
        auto const syllables = 1 + random.below(longest);
        std::string word;
        for (std::size_t i = 0; i < syllables; ++i) {
            word.append(random.pick(begins)).append(random.pick(middles)).append(random.pick(ends));
        }
        return word;
    }

    std::vector<std::string> words_;
    std::vector<double> sums_;
};

/// Writes so many text files, with so many words in all, into a folder, which is made if there is none. Some files are
/// many times as long as others; lines are those of a book, some of them empty. Answers the files in the order of their
/// names: text_000.txt, text_001.txt, …
///
/// Throws std::filesystem::filesystem_error, or std::ios::failure.
inline auto make_texts(std::filesystem::path const& folder, std::size_t files, std::size_t words, std::uint64_t seed)
    -> std::vector<std::filesystem::path> {
    random_numbers random(seed);
    vocabulary const language(20'000, seed);
    std::vector<std::uint64_t> shares;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < files; ++i) sum += shares.emplace_back(10 + random.skewed(1000));

    std::filesystem::create_directories(folder);
    std::vector<std::filesystem::path> paths;
    std::size_t left = words;
    for (std::size_t i = 0; i < files; ++i) {
        auto const number = std::to_string(i);
        auto const name = "text_" + std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number + ".txt";
        std::ofstream file;
        file.exceptions(std::ios::failbit | std::ios::badbit);
        file.open(paths.emplace_back(folder / name), std::ios::binary);
        auto const share = i + 1 == files ? left : std::min<std::size_t>(left, words * shares[i] / sum);
        left -= share;
        std::size_t width = 0;
        for (std::size_t word = 0; word < share; ++word) {
            auto const& next = language.pick(random);
            if (width != 0 && width + next.size() > 76) {
                file << (random.one_in(12) ? ".\n\n" : "\n");
                width = 0;
            }
            if (width != 0) file << (random.one_in(9) ? ", " : " ");
            file << next;
            width += next.size() + 1;
        }
        if (share != 0) file << ".\n";
    }
    return paths;
}

// --- A web server's log --------------------------------------------------------------------------------------------

/// The requests that a web server gets from some fifty users. Each comes for a visit, of pages with the pictures that
/// belong to them, stays away for more than half an hour, and comes again; at night hardly anybody does.
class web_server {
public:
    explicit web_server(std::uint64_t seed) : random_(seed) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto const host = std::to_string(random_.between(1, 254));
            users_.push_back({names[i], "203.0." + std::to_string(100 + i) + "." + host, random_.pick(browsers)});
            next_.push({next_visit(first_second + random_.between(0, 2 * hour)), i});
            pages_left_.push_back(1 + random_.skewed(40));
        }
    }

    /// A line of the log, and when the server writes it. Most are written when the request comes, which is the time
    /// that stands in the line; a request that takes long is written when it has been answered, seconds later, and a
    /// few come minutes late, from another machine.
    struct entry {
        std::int64_t written;
        std::string line;
    };

    /// Appends the lines of the next page that somebody asks for.
    void serve_page(std::vector<entry>& log) {
        auto const [when, who] = next_.top();
        next_.pop();
        // One random number a statement: compilers differ in the order of arguments.
        auto const path = page();
        add(log, when, who, path, 60'000);
        for (auto parts = random_.below(9); parts != 0; --parts) {  // style, script, pictures
            auto const then = when + random_.between(0, 2);
            add(log, then, who, std::string(random_.pick(assets)), 400'000);
        }
        if (--pages_left_[who] != 0) {
            next_.push({when + 3 + static_cast<std::int64_t>(random_.skewed(10 * minute)), who});
        } else {
            pages_left_[who] = 1 + random_.skewed(40);
            next_.push({next_visit(when + 31 * minute), who});
        }
    }
    /// No line that is still to come is written before this: seconds since 1970.
    auto now() const -> std::int64_t { return next_.top().first; }

private:
    static constexpr std::int64_t minute = 60;
    static constexpr std::int64_t hour = 60 * minute;
    static constexpr std::int64_t first_second = 1'772'409'600;  // Monday, 2 March 2026, midnight

    struct user {
        std::string_view name;
        std::string address;
        std::string_view browser;
    };
    static constexpr std::array<std::string_view, 50> names{
        "ada",   "alan",  "alma", "amir", "anna", "bela",  "ben",   "carla", "chen", "clara", "dan",  "dora", "edgar",
        "eliza", "emil",  "eva",  "femi", "finn", "grace", "greta", "hana",  "hugo", "ida",   "ilya", "ines", "ivan",
        "jane",  "jonas", "karl", "kim",  "lena", "leo",   "lucia", "maria", "marc", "mei",   "mila", "noor", "olga",
        "omar",  "paul",  "pia",  "ravi", "rosa", "sam",   "sofia", "tariq", "uma",  "yuki",  "zoe"};
    static constexpr std::array<std::string_view, 4> browsers{
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"};
    static constexpr std::array<std::string_view, 6> assets{"/style.css",       "/script.js",       "/logo.svg",
                                                            "/pictures/1.webp", "/pictures/2.webp", "/favicon.ico"};
    /// How likely somebody comes, by the hour of the day: of 100.
    static constexpr std::array<std::uint64_t, 24> daily{8,  5,  3,  2,  2,  4,  10, 22, 40,  55, 62, 66,
                                                         75, 70, 64, 62, 65, 70, 80, 95, 100, 85, 50, 22};

    /// When somebody comes who would not come before this.
    auto next_visit(std::int64_t at) -> std::int64_t {
        for (;; at += random_.between(10 * minute, 30 * minute)) {
            at += static_cast<std::int64_t>(random_.skewed(3 * hour));
            auto const hour_of_day = static_cast<std::size_t>((at - first_second) / hour % 24);
            if (random_.below(100) < daily[hour_of_day]) return at;
        }
    }
    auto page() -> std::string {
        switch (random_.below(8)) {
            case 0: return "/";
            case 1: return "/search?q=" + std::to_string(random_.skewed(500));
            case 2: return "/cart";
            case 3: return "/account";
            default: return "/products/" + std::to_string(1 + random_.skewed(900));
        }
    }
    void add(std::vector<entry>& log, std::int64_t when, std::size_t who, std::string const& path,
             std::uint64_t most_bytes) {
        auto const chance = random_.below(1000);
        auto const delay = chance < 2    ? random_.between(3 * minute, 10 * minute)
                           : chance < 30 ? random_.between(2, 6)
                                         : 0;
        auto const bytes = 500 + random_.skewed(most_bytes);
        auto const& by = users_[who];
        auto const outcome = random_.below(100);
        auto const* const status = outcome < 88 ? "200" : outcome < 95 ? "304" : outcome < 99 ? "404" : "500";
        auto line = by.address + " - " + std::string(by.name) + " [" + time_of(when) + "] \"GET " + path +
                    " HTTP/1.1\" " + status + " " + std::to_string(outcome < 88 ? bytes : 0) +
                    " \"https://shop.example/\" \"" + std::string(by.browser) + "\"";
        log.push_back({when + delay, std::move(line)});
    }
    /// As in logs: 02/Mar/2026:13:55:36 +0000.
    static auto time_of(std::int64_t seconds) -> std::string {
        static constexpr std::array<char const*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        using namespace std::chrono;
        sys_seconds const at{std::chrono::seconds(seconds)};
        auto const day = floor<days>(at);
        year_month_day const date(day);
        hh_mm_ss const time(at - day);
        std::array<char, 40> text{};
        std::snprintf(text.data(), text.size(), "%02u/%s/%04d:%02d:%02d:%02d +0000", unsigned(date.day()),
                      months[unsigned(date.month()) - 1], int(date.year()), int(time.hours().count()),
                      int(time.minutes().count()), int(time.seconds().count()));
        return text.data();
    }

    using turn = std::pair<std::int64_t, std::size_t>;  // when who asks for the next page

    random_numbers random_;
    std::vector<user> users_;
    std::vector<std::size_t> pages_left_;
    std::priority_queue<turn, std::vector<turn>, std::greater<>> next_;
};

/// So many lines of a web server's log, in the combined log format, as they were written:
///
///     203.0.112.7 - eliza [02/Mar/2026:13:55:36 +0000] "GET /cart HTTP/1.1" 200 5120 "https://…" "Mozilla/5.0 (…"
///
/// It begins behind midnight; 100,000 lines are those of five or six days. Requests come from 50 users, each of whom
/// comes for visits of some pages, and stays away for more than 30 minutes between two of them; most come in the
/// evening, hardly anybody in the small hours. The times advance, but for about 2 % of the lines, which come a few
/// seconds after later ones, and for about 0.2 %, which come 3 to 10 minutes late.
inline auto web_log(std::size_t lines, std::uint64_t seed) -> std::vector<std::string> {
    using entry = web_server::entry;
    web_server server(seed);
    std::vector<entry> page;
    std::multimap<std::int64_t, std::string> waiting;  // by when it is written; equal ones stay in order
    std::vector<std::string> log;
    log.reserve(lines);
    while (log.size() < lines) {
        page.clear();
        server.serve_page(page);
        for (auto& each : page) waiting.emplace(each.written, std::move(each.line));
        for (auto at = waiting.begin(); log.size() < lines && at != waiting.end() && at->first < server.now();) {
            log.push_back(std::move(at->second));
            at = waiting.erase(at);
        }
    }
    return log;
}

}  // namespace sample_data
