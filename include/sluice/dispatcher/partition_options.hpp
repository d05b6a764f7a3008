#pragma once

#include <cstddef>
#include <cstdint>
#include <sluice/core/api.hpp>
#include <string>
#include <type_traits>

namespace sluice {

/// What becomes of the events queued for a partition when its last consumer leaves.
enum class on_leave : std::uint8_t {
    keep,  ///< They stay, for the next consumer of that partition, which gets them first.
    drop,  ///< They are discarded, visibly, and their demand is asked of the producer again. GenStage: silently.
    fail,  ///< The producer fails with errc::partition_left.
};

/// How a partition_dispatcher queues.
struct partition_options {
    /// How many partitions, 1 … 2^32 - 2, named 0 … partitions - 1. With a list of keys: 0, or as many as those.
    std::size_t partitions = 0;

    /// How many events may be queued for each partition whose consumers have no demand, or which has none. When so many
    /// are, the next event for that partition stays with the producer, and all behind it do: that partition holds back
    /// the producer. 0: none are queued. Default 10,000, as many as a producer buffers. GenStage: without bound.
    std::size_t queue_limit = 10'000;

    /// What becomes of the queue of a partition that is left.
    sluice::on_leave on_leave = sluice::on_leave::keep;

    /// False, as in GenStage: an event that is queued has used up demand, whosever it was, until somebody asks for its
    /// partition; so a partition that nobody asks for stops the others after as many events as they have asked for.
    /// True: the producer is asked for another event in its place, until the queue is full; so the others go on, at the
    /// price of that memory.
    bool queue_ahead = false;
};
static_assert(std::is_trivially_destructible_v<partition_options>);

/// What has happened to a partition, and how it is now.
struct partition_stats {
    std::size_t subscribers = 0;  ///< that it has
    std::size_t demand = 0;       ///< of all its subscribers, saturated
    std::size_t queued = 0;       ///< events that wait for one of them to ask
    std::uint64_t delivered = 0;  ///< events, ever
    std::uint64_t held_back = 0;  ///< how many dispatches stopped at an event for it, because its queue was full

    friend auto operator==(partition_stats const&, partition_stats const&) -> bool = default;
};

namespace detail {
/// The options, for partitions 0 … at most `largest`, or for `keys` partitions. Throw errc::invalid_option.
SLUICE_API auto checked_for_numbers(partition_options options, std::uint64_t largest) -> partition_options;
SLUICE_API auto checked_for_keys(partition_options options, std::size_t keys) -> partition_options;

/// Throws system_error(errc::partition_left).
[[noreturn]] SLUICE_API void throw_partition_left(std::string const& partition, std::size_t queued);

SLUICE_API auto full_partition_text(std::string const& partition, std::size_t limit, std::size_t subscribers)
    -> std::string;
}  // namespace detail

}  // namespace sluice
