#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <ranges>
#include <sluice/batch.hpp>
#include <sluice/detail/flow_nodes.hpp>
#include <sluice/file_reader.hpp>
#include <sluice/text.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

// Where the events of a layer's stage come from. pump() pushes them into the first step until something says stop.

enum class pumped : unsigned char {
    paused,  ///< a step did not take more, or it is time to let others run
    dry,     ///< going on might wait
    ended,   ///< there is no more
};

/// From the stages of another layer, batch by batch. Its stage receives the batches.
template <class T>
struct inlet_feed {
    using event_type = T;

    template <class Node>
    auto pump(Node& node, pace& p) -> pumped {
        if constexpr (requires { node.push_batch(std::move(events), p); }) {
            if (events.empty()) return pumped::dry;
            return node.push_batch(std::exchange(events, batch<T>()), p) && p.step() ? pumped::dry : pumped::paused;
        } else {
            return pump_each(node, p);
        }
    }
    void give(batch<T> next) {
        events = std::move(next);
        taken = 0;
    }

    batch<T> events;
    std::size_t taken = 0;

private:
    template <class Node>
    auto pump_each(Node& node, pace& p) -> pumped {
        auto* here = events.data() + taken;
        auto* const end = events.end();
        while (here != end) {
            bool const go_on = node.push(std::move(*here), p);
            ++here;
            if (!go_on || !p.step()) {
                taken = static_cast<std::size_t>(here - events.data());
                return pumped::paused;
            }
        }
        taken = events.size();
        return pumped::dry;
    }
};

// One that is prompt says after each event that going on might wait, so that the event goes on before it does.

/// A view, or a range that runs share. Walked by one stage. Null: an empty one.
template <class View>
struct range_feed {
    using event_type = std::ranges::range_value_t<View>;

    range_feed(std::shared_ptr<View> v, bool is_prompt) : view(std::move(v)), prompt(is_prompt) {}

    template <class Node>
    auto pump(Node& node, pace& p) -> pumped {
        if (!view) return pumped::ended;
        if (prompt) return pump_one(node, p);
        if (!at) at.emplace(std::ranges::begin(*view));
        auto& here = *at;
        auto const end = std::ranges::end(*view);
        while (here != end) {
            bool const go_on = node.push(take_element<event_type, moves>(here), p);
            ++here;
            if (!go_on || !p.step()) return pumped::paused;
        }
        return pumped::ended;
    }

    std::shared_ptr<View> view;
    std::optional<std::ranges::iterator_t<View>> at;
    bool prompt;

private:
    static constexpr bool moves = !std::copy_constructible<event_type>;

    /// It may be the step to the next element that waits, or the look at it.
    template <class Node>
    auto pump_one(Node& node, pace& p) -> pumped {
        if (!at) {
            at.emplace(std::ranges::begin(*view));
        } else if (std::exchange(is_held_up_, false)) {
            return pumped::dry;
        } else {
            ++*at;
        }
        if (*at == std::ranges::end(*view)) return pumped::ended;
        is_held_up_ = !node.push(take_element<event_type, moves>(*at), p);
        return is_held_up_ ? pumped::paused : pumped::dry;
    }

    bool is_held_up_ = false;
};

/// A function that is called until it gives nothing.
template <class T, class Fn>
struct generator_feed {
    using event_type = T;

    generator_feed(Fn f, bool is_prompt) : fn(std::move(f)), prompt(is_prompt) {}

    template <class Node>
    auto pump(Node& node, pace& p) -> pumped {
        if (std::exchange(is_held_up_, false)) return pumped::dry;
        while (std::optional<T> event = fn()) {
            bool const go_on = node.push(std::move(*event), p);
            is_held_up_ = prompt && !go_on;
            if (!go_on || (!prompt && !p.step())) return pumped::paused;
            if (prompt) return pumped::dry;
        }
        return pumped::ended;
    }

    Fn fn;
    bool prompt;

private:
    bool is_held_up_ = false;
};

/// The files of one run, dealt out to the stages that read them: each takes the next as soon as it is done with one.
class file_deal {
public:
    file_deal(std::shared_ptr<std::vector<std::filesystem::path> const> paths) : paths_(std::move(paths)) {}
    auto next() noexcept -> std::filesystem::path const* {
        auto const i = next_.fetch_add(1, std::memory_order_relaxed);
        return i < paths_->size() ? &(*paths_)[i] : nullptr;
    }

private:
    std::shared_ptr<std::vector<std::filesystem::path> const> paths_;
    std::atomic<std::size_t> next_ = 0;
};

/// Reads lines, some at a time.
class line_feed {
public:
    using event_type = text;

    line_feed(std::shared_ptr<file_deal> files, line_options const& options);
    line_feed(std::istream& stream, line_options const& options);

    template <class Node>
    auto pump(Node& node, pace& p) -> pumped {
        while (taken_ < lines_.size()) {
            if (!node.push(std::move(lines_[taken_++]), p) || !p.step()) return pumped::paused;
        }
        // What there was to read is read: going on may wait for whoever writes. A file's stage goes on at once.
        if (may_wait_ && std::exchange(was_read_, false)) return pumped::dry;
        return read() ? pumped::paused : pumped::ended;
    }

private:
    auto read() -> bool;

    static constexpr std::size_t lines_at_once = 256;

    std::shared_ptr<file_deal> files_;
    line_reader reader_;
    std::vector<text> lines_;
    std::size_t taken_ = 0;
    bool is_open_ = false;
    bool may_wait_ = false;
    bool was_read_ = false;
};

}  // namespace sluice::detail
