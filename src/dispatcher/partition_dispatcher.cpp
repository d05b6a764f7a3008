#include <boost/system/system_error.hpp>
#include <cstdint>
#include <limits>
#include <sluice/detail/dispatcher/partition_hash.hpp>
#include <sluice/dispatcher/partition_options.hpp>
#include <sluice/errc.hpp>
#include <string>

namespace sluice::detail {
namespace {

constexpr auto most_partitions = std::uint64_t{std::numeric_limits<std::uint32_t>::max()} - 1;

}  // namespace

auto checked_for_numbers(partition_options options, std::uint64_t largest) -> partition_options {
    if (options.partitions < 1) throw_invalid_option("partition_options::partitions must be at least 1 (got 0)");
    if (options.partitions > most_partitions || options.partitions - 1 > largest) {
        throw_invalid_option("partition_options::partitions must not be more than the key type can name, nor than " +
                             std::to_string(most_partitions) + " (got " + std::to_string(options.partitions) + ")");
    }
    return options;
}

auto checked_for_keys(partition_options options, std::size_t keys) -> partition_options {
    if (keys < 1) throw_invalid_option("partition_dispatcher: the list of keys must not be empty");
    if (options.partitions != 0 && options.partitions != keys) {
        throw_invalid_option("partition_options::partitions must be 0, or the number of the keys (got " +
                             std::to_string(options.partitions) + " and " + std::to_string(keys) + " keys)");
    }
    options.partitions = keys;
    return options;
}

void throw_unknown_partition(std::string const& answered, std::string const& known) {
    throw boost::system::system_error(errc::unknown_partition, "the hash answered " + answered + ", not " + known);
}

void throw_partition_left(std::string const& partition, std::size_t queued) {
    throw boost::system::system_error(errc::partition_left,
                                      "partition " + partition + ", " + std::to_string(queued) + " events queued");
}

auto full_partition_text(std::string const& partition, std::size_t limit, std::size_t subscribers) -> std::string {
    auto text = "partition " + partition + " holds back the producer: ";
    if (limit > 0) text += std::to_string(limit) + " events are queued for it and ";
    return text + (subscribers == 0 ? "nobody subscribes to it" : "its consumers ask for no more");
}

}  // namespace sluice::detail
