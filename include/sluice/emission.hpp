#pragma once

#include <initializer_list>
#include <sluice/batch.hpp>
#include <utility>
#include <vector>

namespace sluice {

/// What a handler object gives back: events, and whether they were its last.
///
/// A std::vector, a batch or a braced list of events converts to one. More events than were asked for go to the stage's
/// buffer; fewer leave a debt that only the handler knows of.
template <class T>
class emission {
public:
    using value_type = T;  ///< The type of the events.

    /// Nothing now.
    emission() = default;
    /// These events; more may follow.
    emission(batch<T> events) : events_(std::move(events)) {}
    /// The same. No event is moved or copied.
    emission(std::vector<T> events) : events_(std::move(events)) {}
    /// The same. The events are copied.
    emission(std::initializer_list<T> events) : events_(events.begin(), events.end()) {}

    /// These are the last events: the stage ends normally once they were delivered. GenStage: a producer that stops
    /// itself.
    static auto last(batch<T> events) -> emission {
        emission result(std::move(events));
        result.is_last_ = true;
        return result;
    }
    /// The same; without events the stage just ends.
    static auto last(std::vector<T> events = {}) -> emission { return last(batch<T>(std::move(events))); }

    /// What is emitted.
    auto events() noexcept -> batch<T>& { return events_; }
    /// Whether the stage ends after it.
    auto is_last() const noexcept -> bool { return is_last_; }

private:
    batch<T> events_;
    bool is_last_ = false;
};

}  // namespace sluice
