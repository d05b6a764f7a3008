#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <sluice/thread_pool.hpp>

namespace sluice::benchmarks {

/// A pipeline of as many stages as wanted: a source of integers, stages that add 1, a sum.
struct chain {
    std::size_t stages = 4;  ///< at least 2
    std::uint64_t events = 100'000;
    /// Events that the source emits at once; 1: one by one, by emit(event).
    std::size_t batch = 512;
    /// ns of work for each event in each stage but the source.
    double work = 0;
    /// Of each subscription; 0: room for eight batches, but no less than by default.
    std::size_t max_demand = 0;
};

/// Runs it and waits for its end. ns an event, the pipeline's construction included. Throws std::runtime_error when
/// the sum is wrong. Other threads must run the executor.
[[nodiscard]] auto time_of(asio::any_io_executor const& executor, chain const& what) -> double;

/// A source of integers and `consumers` partitions that sum up. ns an event.
struct partitioned {
    std::size_t consumers = 4;
    std::uint64_t events = 100'000;
    std::size_t batch = 512;
};
[[nodiscard]] auto time_of(asio::any_io_executor const& executor, partitioned const& what) -> double;

/// The same on the threads of a pool.
template <class Pipeline>
[[nodiscard]] auto time_of(thread_pool const& pool, Pipeline const& what) -> double {
    return time_of(pool.get_executor(), what);
}

}  // namespace sluice::benchmarks
