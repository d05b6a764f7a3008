#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <sluice/detail/footprint.hpp>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice::testing::detail {

/// What a handler has touched. Things have names that are the same in all schedules that begin alike.
class touched_things {
public:
    using thing = std::uint64_t;

    void add(thing what, bool writes);
    void add(touched_things const& others);
    void add_everything() noexcept { everything_ = true; }
    auto is_everything() const noexcept -> bool { return everything_; }
    void clear() noexcept {
        things_.clear();
        everything_ = false;
    }
    /// Neither changes what the other one looks at.
    auto is_independent_of(touched_things const& other) const noexcept -> bool;

private:
    struct touch {
        thing what;
        bool writes;
    };
    std::vector<touch> things_;
    bool everything_ = false;
};

/// Numbers of events.
class event_set {
public:
    void clear() noexcept { words_.clear(); }
    void insert(std::size_t event);
    void insert(event_set const& others);
    auto contains(std::size_t event) const noexcept -> bool;

private:
    std::vector<std::uint64_t> words_;
};

/// What has happened in a schedule: an event for each handler that ran, and one for each time that the scenario itself
/// acted or time passed in between, which nothing can be exchanged with.
///
/// Whatever the last schedule had in common with the present one is kept: what came before its events need not be found
/// again.
class history final : public sluice::detail::footprint_reader {
public:
    static constexpr auto no_node = static_cast<std::size_t>(-1);

    struct event {
        std::uint64_t number = 0;  ///< of the handler; 0: not a handler
        std::size_t node = no_node;
        std::size_t creator = 0;
        std::uint64_t drawn = 0;  ///< stands for the values that it was given
        touched_things touched = {};
        std::vector<std::size_t> senders = {};  ///< of the messages that it took
        event_set before = {};                  ///< what must come before it
    };

    history();
    history(history const&) = delete;
    auto operator=(history const&) -> history& = delete;
    ~history();

    /// The history that is being written in this thread.
    static auto present() noexcept -> history*;
    static auto thing_of(std::string_view name, std::size_t index) noexcept -> touched_things::thing;

    // The present schedule, as it goes.

    void begin_schedule();
    /// Handlers that are ready: `count` of them, all but those that ran of those submitted.
    void handlers_are_ready(std::size_t count);
    auto ready() const noexcept -> std::vector<std::uint64_t> const& { return ready_; }
    void handler_begins(std::uint64_t number, std::size_t node);
    void handler_ended(std::uint64_t submitted);
    auto inside_handler() const noexcept -> bool { return inside_; }
    auto has_run_handlers() const noexcept -> bool { return size_ > 1; }

    /// The present event is given a value by the chooser.
    void draws(std::size_t value);
    void touch(touched_things::thing what, bool writes);
    void handler_is_known() noexcept { known_ = true; }
    void found(sluice::detail::footprint how, void const* what) noexcept override;

    // What it has come to.

    auto size() const noexcept -> std::size_t { return size_; }
    auto operator[](std::size_t i) const noexcept -> event const& { return events_[i]; }
    auto last() noexcept -> event& { return events_[size_ - 1]; }
    /// Of all events and what came before each, in whatever order they were. What came before each must be known.
    auto equivalence() const -> std::uint64_t;
    auto depend(std::size_t earlier, std::size_t later) const noexcept -> bool;

    /// Finds what came before `later`; what came before those before it must be known. Calls race(earlier) for each
    /// event that could have come after it for all the others: a race.
    template <class Race>
    void look_back(std::size_t later, Race race) {
        auto& e = events_[later];
        e.before.clear();
        for (auto i = later; i-- > 0;) {
            if (e.before.contains(i)) continue;
            if (i != e.creator) {
                if (!depend(i, later)) continue;
                if (events_[i].number != 0 && e.number != 0) race(i);
            }
            e.before.insert(i);
            e.before.insert(events_[i].before);
        }
    }

private:
    void new_event(std::uint64_t number, std::size_t node);
    void outside();
    void created_up_to(std::uint64_t submitted);

    history* outer_;
    sluice::detail::footprint_reading reading_;
    std::vector<event> events_;  // more than `size_`: their memory is used again
    std::size_t size_ = 0;
    std::vector<std::uint64_t> ready_;   // numbers, by age
    std::vector<std::size_t> creators_;  // by number
    std::unordered_map<void const*, touched_things::thing> things_;
    std::unordered_map<void const*, std::size_t> senders_;
    std::uint64_t begun_ = 0;  // things, by the present event
    std::uint64_t outsides_ = 0;
    std::uint64_t drawn_outside_ = 0;
    bool inside_ = false;
    bool known_ = false;
};

}  // namespace sluice::testing::detail
