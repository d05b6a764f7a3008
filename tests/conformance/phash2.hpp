#pragma once

#include <cstddef>
#include <sluice/core/partition_of.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace conformance {

/// Where Erlang's `phash2(event, 2)` puts 0 … 19: GenStage's tests count on it.
inline auto phash2_of_2(int event) -> std::size_t {
    constexpr std::string_view partitions = "10011000001010110010";
    auto const at = static_cast<std::size_t>(event);
    if (event < 0 || at >= partitions.size()) throw std::out_of_range("no phash2 for " + std::to_string(event));
    return static_cast<std::size_t>(partitions[at] - '0');
}

/// Where Erlang's `phash2(event, 4)` puts 1 … 100 and the even numbers up to 200.
inline auto phash2_of_4(int event) -> std::size_t {
    constexpr std::string_view partitions =
        ".2033202021212132212331112323122232203300101331112"
        "31103132001111032021110112032003012130023223112332"
        "1.0.0.3.1.3.0.3.3.1.3.2.1.0.0.1.3.1.1.3.1.0.2.0.2."
        "3.2.2.1.3.2.0.3.0.1.2.0.0.0.0.1.1.0.3.3.3.1.3.1.2."
        "0";
    auto const at = static_cast<std::size_t>(event);
    if (event < 0 || at >= partitions.size() || partitions[at] == '.')
        throw std::out_of_range("no phash2 for " + std::to_string(event));
    return static_cast<std::size_t>(partitions[at] - '0');
}

/// A hash by which flow::partition sends an event to that one of two or four stages where Erlang's puts it.
template <std::size_t Stages>
struct phash {
    static_assert(Stages == 2 || Stages == 4);
    auto operator()(int event) const -> std::size_t {
        auto const wanted = Stages == 2 ? phash2_of_2(event) : phash2_of_4(event);
        std::size_t hash = 0;
        while (sluice::core::partition_of(hash, Stages) != wanted) ++hash;
        return hash;
    }
};

}  // namespace conformance
