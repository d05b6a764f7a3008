#include <algorithm>
#include <charconv>
#include <ostream>
#include <sluice/testing/trace.hpp>
#include <stdexcept>

namespace sluice::testing {
namespace {

void append_number(std::string& text, std::size_t number) { text += std::to_string(number); }

/// Takes a number off the front of `word`; false if there is none.
auto take_number(std::string_view& word, std::size_t& number) -> bool {
    auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{}) return false;
    word.remove_prefix(static_cast<std::size_t>(end - word.data()));
    return true;
}

auto take_character(std::string_view& word, char expected) -> bool {
    if (word.empty() || word.front() != expected) return false;
    word.remove_prefix(1);
    return true;
}

/// The most decisions that one word may stand for, so that a mistyped count does not fill the memory.
constexpr std::size_t longest_repetition = 100'000'000;

void parse_word(std::string_view const word, trace& decisions) {
    auto rest = word;
    taken_choice choice;
    std::size_t times = 1;
    bool good = take_number(rest, choice.taken) && take_character(rest, '/') && take_number(rest, choice.options);
    if (good && !rest.empty()) good = take_character(rest, '*') && take_number(rest, times) && rest.empty();
    if (!good || choice.taken >= choice.options || times > longest_repetition) {
        throw std::invalid_argument("not a decision of a trace: '" + std::string(word) +
                                    "' (expected taken/options, or taken/options*times)");
    }
    for (; times > 0; --times) decisions.push_back(choice);
}

}  // namespace

auto trace::deviations() const noexcept -> std::size_t {
    return static_cast<std::size_t>(
        std::count_if(choices_.begin(), choices_.end(), [](taken_choice const& choice) { return choice.taken != 0; }));
}

auto to_string(trace const& decisions) -> std::string {
    if (decisions.empty()) return "-";
    std::string text;
    for (auto at = decisions.begin(); at != decisions.end();) {
        auto const end = std::find_if(at, decisions.end(), [&](taken_choice const& choice) { return choice != *at; });
        if (!text.empty()) text += ' ';
        append_number(text, at->taken);
        text += '/';
        append_number(text, at->options);
        if (end - at > 1) {
            text += '*';
            append_number(text, static_cast<std::size_t>(end - at));
        }
        at = end;
    }
    return text;
}

auto operator<<(std::ostream& out, trace const& decisions) -> std::ostream& { return out << to_string(decisions); }

auto parse_trace(std::string_view text) -> trace {
    trace decisions;
    constexpr std::string_view blanks = " \t\r\n";
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
        if (text.empty()) return decisions;
        auto const word = text.substr(0, text.find_first_of(blanks));
        text.remove_prefix(word.size());
        if (word != "-") parse_word(word, decisions);
    }
}

}  // namespace sluice::testing
