#pragma once

#include <cstddef>
#include <filesystem>

#include "bench.hpp"
#include "work.hpp"

namespace sluice::benchmarks {

// Add oneTBB's ways of doing a row's work; where oneTBB was not there when this was built, a word that says so.

void add_linear_peers(row& to, amount const& w);
void add_broadcast_peers(row& to, amount const& w);
void add_partition_peers(row& to, amount const& w);
void add_there_and_back_peers(row& to, std::uint64_t times);
/// With std::unordered_map, or with boost::unordered_flat_map.
void add_word_count_peers(row& to, std::filesystem::path const& file, bool flat);

}  // namespace sluice::benchmarks
