#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <ranges>
#include <sluice/batch.hpp>
#include <sluice/core/api.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/detail/source_meter.hpp>
#include <system_error>
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
            before += events.size();
            return node.push_batch(std::exchange(events, batch<T>()), p) && p.step() ? pumped::dry : pumped::paused;
        } else {
            return pump_each(node, p);
        }
    }
    void give(batch<T> next) {
        before += std::exchange(taken, 0);
        events = std::move(next);
    }
    /// How many events it has pushed, with the one that a step throws for.
    auto pushed() const noexcept -> std::uint64_t { return before + taken; }

    batch<T> events;
    std::size_t taken = 0;
    std::uint64_t before = 0;  // in batches that are done with

private:
    template <class Node>
    auto pump_each(Node& node, pace& p) -> pumped {
        auto* here = events.data() + taken;
        auto* const end = events.end();
        try {
            while (here != end) {
                bool const go_on = node.push(std::move(*here), p);
                ++here;
                if (!go_on || !p.step()) {
                    taken = static_cast<std::size_t>(here - events.data());
                    return pumped::paused;
                }
            }
        } catch (...) {
            taken = static_cast<std::size_t>(here - events.data()) + 1;
            throw;
        }
        taken = events.size();
        return pumped::dry;
    }
};

/// Pushes, and notes when that throws.
template <class Node, class T>
auto push_noted(Node& node, T&& event, pace& p, bool& has_thrown) -> bool {
    try {
        return node.push(std::forward<T>(event), p);
    } catch (...) {
        has_thrown = true;
        throw;
    }
}

// One that is prompt says after each event that going on might wait, so that the event goes on before it does.

/// A view, or a range that runs share. Walked by one stage. Null: an empty one.
template <class View>
struct range_feed {
    using event_type = std::ranges::range_value_t<View>;

    range_feed(std::shared_ptr<View> v, bool is_prompt) : view(std::move(v)), prompt(is_prompt) {
        source_meter::total_function total = [] { return 0; };
        if constexpr (std::ranges::sized_range<View>) {
            if (view) total = [n = static_cast<std::uint64_t>(std::ranges::size(*view))] { return n; };
        } else {
            if (view) total = nullptr;
        }
        meter = std::make_shared<source_meter>(progress_unit::events, std::move(total));
    }

    template <class Node>
    auto pump(Node& node, pace& p) -> pumped {
        if (!view) return pumped::ended;
        if (prompt) return pump_one(node, p);
        if (!at) at.emplace(std::ranges::begin(*view));
        auto& here = *at;
        std::uint64_t walked = 0;
        auto const note = core::on_exit([&] { meter->done += walked; });
        auto const end = std::ranges::end(*view);
        while (here != end) {
            bool const go_on = push_noted(node, take_element<event_type, moves>(here), p, in_hand_);
            ++here;
            ++walked;
            if (!go_on || !p.step()) return pumped::paused;
        }
        return pumped::ended;
    }
    auto pushed() const -> std::uint64_t { return meter->done + in_hand_; }

    std::shared_ptr<View> view;
    std::shared_ptr<source_meter> meter;
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
        is_held_up_ = !push_noted(node, take_element<event_type, moves>(*at), p, in_hand_);
        meter->done += 1;
        return is_held_up_ ? pumped::paused : pumped::dry;
    }

    bool is_held_up_ = false;
    bool in_hand_ = false;  // an event for which a step has thrown
};

/// A function that is called until it gives nothing.
template <class T, class Fn>
struct generator_feed {
    using event_type = T;

    generator_feed(Fn f, bool is_prompt) : fn(std::move(f)), prompt(is_prompt) {}

    template <class Node>
    auto pump(Node& node, pace& p) -> pumped {
        if (std::exchange(is_held_up_, false)) return pumped::dry;
        std::uint64_t given = 0;
        auto const note = core::on_exit([&] { meter->done += given; });
        while (std::optional<T> event = fn()) {
            bool const go_on = push_noted(node, std::move(*event), p, in_hand_);
            ++given;
            is_held_up_ = prompt && !go_on;
            if (!go_on || (!prompt && !p.step())) return pumped::paused;
            if (prompt) return pumped::dry;
        }
        return pumped::ended;
    }
    auto pushed() const -> std::uint64_t { return meter->done + in_hand_; }

    Fn fn;
    std::shared_ptr<source_meter> meter = std::make_shared<source_meter>(progress_unit::events);
    bool prompt;

private:
    bool is_held_up_ = false;
    bool in_hand_ = false;
};

/// The files of one run, dealt out to the stages that read them: each takes the next as soon as it is done with one.
class SLUICE_API file_deal {
public:
    /// `failed`: the list could not be made, which whoever asks first hears.
    file_deal(std::vector<std::filesystem::path> paths, std::exception_ptr failed)
        : paths_(std::move(paths)), failed_(std::move(failed)) {}

    auto size() const noexcept -> std::size_t { return paths_.size(); }
    auto next() -> std::filesystem::path const* {
        if (failed_) std::rethrow_exception(failed_);
        auto const i = next_.fetch_add(1, std::memory_order_relaxed);
        return i < paths_.size() ? &paths_[i] : nullptr;
    }
    /// The bytes of all; nullopt where one is a pipe, or cannot be asked.
    auto bytes() const -> std::optional<std::uint64_t>;

private:
    std::vector<std::filesystem::path> paths_;
    std::exception_ptr failed_;
    std::atomic<std::size_t> next_ = 0;
};

/// Gives what a reader reads, some events at a time, from the files that it is dealt, or from a stream.
template <class T, class Reader>
class reader_feed {
public:
    using event_type = T;

    /// `is_first`: of those that read these files; it also knows how large all of them are.
    reader_feed(std::shared_ptr<file_deal> files, Reader reader, bool is_first)
        : files_(std::move(files)), reader_(std::move(reader)) {
        source_meter::total_function total = [] { return 0; };
        if (is_first) total = [deal = files_] { return deal->bytes(); };
        meter = std::make_shared<source_meter>(progress_unit::bytes, std::move(total));
    }
    /// Of a stream, which may have to wait for whoever writes.
    explicit reader_feed(Reader reader)
        : meter(std::make_shared<source_meter>(progress_unit::bytes)),
          reader_(std::move(reader)),
          is_open_(true),
          may_wait_(true) {}

    template <class Node>
    auto pump(Node& node, pace& p) -> pumped {
        while (taken_ < events_.size()) {
            if (!node.push(std::move(events_[taken_++]), p) || !p.step()) return pumped::paused;
        }
        // What there was to read is read: going on may wait for whoever writes. A file's stage goes on at once.
        if (may_wait_ && std::exchange(was_read_, false)) return pumped::dry;
        before_ += taken_;
        return read() ? pumped::paused : pumped::ended;
    }
    auto pushed() const noexcept -> std::uint64_t { return before_ + taken_; }
    /// Lines that the reader has left out since the last call.
    auto take_skipped() noexcept -> std::size_t {
        if constexpr (requires { reader_.lines_skipped(); }) {
            auto const all = reader_.lines_skipped();
            return static_cast<std::size_t>(all - std::exchange(skipped_, all));
        } else {
            return 0;
        }
    }

    std::shared_ptr<source_meter> meter;

private:
    auto read() -> bool {
        events_.clear();
        taken_ = 0;
        was_read_ = true;
        for (;;) {
            if (is_open_ && read_some()) {
                meter->done = read_before_ + reader_.bytes_read();
                return true;
            }
            if (std::exchange(is_open_, false)) read_before_ += reader_.bytes_read();
            auto const* const path = files_ ? files_->next() : nullptr;
            if (!path) return false;
            reader_.open(*path);
            is_open_ = true;
            std::error_code unknown;
            may_wait_ = !std::filesystem::is_regular_file(*path, unknown);
        }
    }

    /// Perhaps no event, if there are more to come.
    auto read_some() -> bool {
        if constexpr (requires { reader_.read_some(events_, at_once); }) {
            return reader_.read_some(events_, at_once).value_or(true);
        } else {
            return reader_.read(events_, at_once);
        }
    }

    static constexpr std::size_t at_once = 256;

    std::shared_ptr<file_deal> files_;
    Reader reader_;
    std::vector<T> events_;
    std::size_t taken_ = 0;
    std::uint64_t before_ = 0;
    bool is_open_ = false;
    std::uint64_t read_before_ = 0;  // of the files before this one
    bool may_wait_ = false;
    bool was_read_ = false;
    std::uint64_t skipped_ = 0;
};

}  // namespace sluice::detail
