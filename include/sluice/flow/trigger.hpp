#pragma once

#include <cstddef>
#include <sluice/core/event_time.hpp>
#include <sluice/core/punctuation.hpp>
#include <sluice/core/window.hpp>

namespace sluice::flow {

using core::trigger_name;
using core::window_id;
using core::window_kind;
using core::window_span;

/// What the function of flow::trigger_when says of an event: nothing, before, after, instead or skip.
using core::punctuate_at;

/// What on_trigger is told: where, which window, and why. Flow: `{index, total}` and `{type, id, trigger}`.
struct trigger_info {
    /// Which of the layer's stages it is, from 0.
    std::size_t stage = 0;
    /// How many stages the layer has.
    std::size_t stages = 1;
    /// Which window.
    window_id window;
    /// From when to when, in ticks of the events' time; of fixed windows, sliding ones and sessions.
    window_span span;
    /// Why it fires.
    trigger_name trigger = trigger_name::done();

    /// `span.start` in the type that the events' time has: `at.start<std::chrono::sys_time<std::chrono::seconds>>()`.
    template <core::event_time T>
    auto start() const -> T {
        return core::from_ticks<T>(span.start);
    }
    /// `span.end` in that type.
    template <core::event_time T>
    auto end() const -> T {
        return core::from_ticks<T>(span.end);
    }
};

}  // namespace sluice::flow
