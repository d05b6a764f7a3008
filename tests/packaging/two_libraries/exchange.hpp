#pragma once
// What each of two libraries with one Sluice between them offers: stages that feed those of the other.

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <sluice/consumer.hpp>
#include <sluice/producer.hpp>
#include <string>

using word_producer = std::unique_ptr<sluice::producer<std::string>>;
using word_consumer = std::unique_ptr<sluice::consumer<std::string>>;

#define EXCHANGE_OF(name)                                                                                         \
    namespace name {                                                                                              \
    /* Broadcasts 1 … count as words, partly in batches and partly one by one. */                               \
    PART_SHOWS auto make_words(boost::asio::any_io_executor const& executor, int count) -> word_producer;         \
    /* Adds up how long the words are that have at least so many letters. */                                      \
    PART_SHOWS auto make_reader(boost::asio::any_io_executor const& executor, sluice::producer<std::string>& of,  \
                                std::size_t letters, std::size_t& sum) -> word_consumer;                          \
    /* The same with a handler object, which may be visited. */                                                   \
    PART_SHOWS auto make_tally(boost::asio::any_io_executor const& executor, sluice::producer<std::string>& of,   \
                               std::size_t& sum) -> word_consumer;                                                \
    PART_SHOWS void visit(sluice::consumer<std::string>& tally, std::function<void(bool visited)> const& answer); \
    }

#define PART_SHOWS __attribute__((visibility("default")))

EXCHANGE_OF(first)
EXCHANGE_OF(second)
