#include <oneapi/tbb/concurrent_hash_map.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_pipeline.h>

#include <memory>
#include <string>
#include <string_view>

#include "peers.hpp"
#include "tbb.hpp"
#include "word_counting.hpp"

namespace sluice::benchmarks {
namespace {

using tbb::filter_mode;

constexpr std::size_t tokens = 8;  // pieces of the file under way

/// Reads pieces, one at a time, and has `count` called with each, several at a time.
template <class Count>
void for_each_piece(std::filesystem::path const& file, Count count) {
    pieces in(file);
    auto const reading = [&](tbb::flow_control& control) -> std::string* {
        auto text = in.next();
        if (text) return std::make_unique<std::string>(std::move(*text)).release();
        control.stop();
        return nullptr;
    };
    auto const counting = [&](std::string* piece) {
        std::unique_ptr<std::string> const text(piece);
        count(*text);
    };
    tbb::parallel_pipeline(tokens, tbb::make_filter<void, std::string*>(filter_mode::serial_in_order, reading) &
                                       tbb::make_filter<std::string*, void>(filter_mode::parallel, counting));
}

template <class Table>
auto own_tables(std::filesystem::path const& file) -> std::uint64_t {
    tbb::enumerable_thread_specific<Table> tables;
    for_each_piece(file, [&](std::string_view text) {
        auto& mine = tables.local();
        for_each_word(text, [&mine](std::string_view word) { count_view(mine, word); });
    });
    Table all;
    tables.combine_each([&](Table& each) {
        if (all.empty()) {
            all = std::move(each);
        } else {
            for (auto const& [word, n] : each) all[word] += n;
        }
    });
    return digest(all);
}

/// What concurrent_hash_map wants of a hash; a word is looked for without a string for it.
struct compared_words {
    using is_transparent = void;
    auto hash(std::string_view word) const -> std::size_t { return std::hash<std::string_view>()(word); }
    auto equal(std::string_view a, std::string_view b) const -> bool { return a == b; }
};

auto concurrent_table(std::filesystem::path const& file) -> std::uint64_t {
    using table = tbb::concurrent_hash_map<std::string, std::uint64_t, compared_words>;
    table all;
    for_each_piece(file, [&](std::string_view text) {
        for_each_word(text, [&](std::string_view word) {
            table::accessor found;
            if (!all.find(found, word)) all.insert(found, std::string(word));
            ++found->second;
        });
    });
    return digest(all);
}

}  // namespace

void add_word_count_peers(row& to, std::filesystem::path const& file, bool flat) {
    add_peer(to, "oneTBB parallel_pipeline, own tables", [=] {
        return flat ? own_tables<flat_tables::of_strings>(file) : own_tables<standard_tables::of_strings>(file);
    });
    if (!flat) add_peer(to, "oneTBB parallel_pipeline, one table", [=] { return concurrent_table(file); });
}

}  // namespace sluice::benchmarks
