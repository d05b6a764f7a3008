#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <sluice/testing/chooser.hpp>
#include <sluice/testing/simulation.hpp>
#include <string>
#include <vector>

#include "erased.hpp"

namespace equivalence {

using sluice::testing::chooser;

/// What the same pipeline gives, written with plain loops, as far as it is determined.
struct result {
    std::vector<numbers> stages;  // if not placed: all of them in one
    std::size_t count = 1;        // of stages
    bool placed = true;           // it is determined which stage has which events
    bool ordered = true;          // and in which order it emits them

    auto all() const -> numbers;
    auto size() const -> std::size_t;
};

/// A flow that grows at random, what must come out of it, and how it reads.
struct grown {
    any_flow flow;
    result expected;
    std::string text;
};

/// A step: the library's, and plain loops over what reaches a stage.
struct step {
    std::string text;
    node_maker make;
    std::function<numbers(numbers const&)> plain;
};

/// Wrong steps that take the place of right ones: the comparison must find each.
enum class wrong {
    nothing,
    take_one_more,            // take lets one event too many pass
    pause_loses_an_event,     // filter drops the event behind a pause
    pause_ends_a_range,       // flat_map does not go on with its range after a pause
    neighbours_swapped,       // map lets every other event go ahead of the one before it
    last_event_kept,          // map keeps its last event back and never lets go of it
    hash_that_wanders,        // partition sends an event of equal keys now here, now there
    merge_that_forgets,       // reduce_by_key keeps the first partial result of a key only
    join_without_the_lonely,  // a full join gives no events of the right side that have no partner
    answers_as_they_come,     // map_async does not keep the order
    sessions_not_merged,      // session_windows keeps the sum of the earlier one when two become one
    batch_cut_short,          // map_batch drops the last event of a large batch
};
inline wrong active_wrong = wrong::nothing;

/// A random flow, with at most so many layers.
auto grow(chooser& decide, std::size_t layers = 5) -> grown;

// Its parts.
auto grow_source(chooser& decide) -> grown;
/// An endless one of which some events are taken.
auto grow_endless(chooser& decide) -> grown;
/// Up to so many steps, as what is known of the events before them allows.
auto draw_steps(chooser& decide, result& expected, std::string& text, std::size_t most) -> any_steps;
/// Another layer.
auto add_layer(chooser& decide, grown before) -> grown;
auto add_keyed_layer(chooser& decide, grown before) -> grown;
auto add_window_layer(chooser& decide, grown before) -> grown;
auto merge(chooser& decide, grown const& a, grown const& b) -> grown;
auto join(chooser& decide, grown const& a, grown const& b) -> grown;

/// Stamps what a stage emits, and another step checks behind the next exchange that it comes in that order.
auto stamping() -> node_maker;
auto checking() -> node_maker;

/// Lets a flow run until `has_ended(at_most)` is true.
using waiter = std::function<void(std::function<bool(std::chrono::seconds)> const&)>;

/// Runs the flow by some terminal operation, and compares. Throws testing::violation.
void run_and_compare(chooser& decide, grown const& g, boost::asio::any_io_executor const& executor, waiter const& wait);

/// A random flow on the simulator; a failure tells how it reads.
void run_on_simulation(sluice::testing::simulation& home);

}  // namespace equivalence
