#pragma once

#include <atomic>
#include <concepts>
#include <memory>
#include <optional>
#include <ranges>
#include <sluice/detail/access.hpp>
#include <sluice/detail/flow/build.hpp>
#include <sluice/errc.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/from.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::flow {

/// Options of flow::from for ranges and functions.
struct source_options {
    /// Each event goes on at once: for a range or function that may wait for its next one, such as what is typed or
    /// comes over a pipe. Costs a batch for each event. Without, some events that are made quickly travel together, and
    /// wait for one another: at most 64 of them while the next one takes long. Flow: a source must fill what is asked
    /// for.
    bool prompt = false;
};
static_assert(std::is_trivially_destructible_v<source_options>);

}  // namespace sluice::flow

namespace sluice::detail {

template <class T>
inline constexpr bool always_false = false;

/// Of flow::from(range).
template <class View>
class range_origin {
public:
    using event_type = std::ranges::range_value_t<View>;
    static constexpr bool is_direct = false;
    static constexpr bool is_stage = false;

    range_origin(View view, flow::source_options const& options)
        : view_(std::make_shared<View>(std::move(view))), options_(options) {}

    template <class Visit>
    void feeds(flow_builder&, Visit const& visit) const {
        visit(range_feed<View>(for_run(), options_.prompt), sources<event_type>());
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const at = g.add(1);
        g.add_step(at, "from(range)", "");
        return at;
    }

private:
    auto for_run() const -> std::shared_ptr<View> {
        if constexpr (std::copyable<View>) {
            return std::make_shared<View>(*view_);
        } else {
            if constexpr (!std::copy_constructible<event_type>) {
                if (taken_->exchange(true)) throw_error(errc::already_run);
            }
            return view_;
        }
    }

    std::shared_ptr<View> view_;
    flow::source_options options_;
    // Events that cannot be copied are moved out, so that there is one run.
    std::shared_ptr<std::atomic<bool>> taken_ = std::make_shared<std::atomic<bool>>(false);
};

/// Of flow::from(function).
template <class Fn>
class generator_origin {
public:
    using event_type = typename std::invoke_result_t<Fn&>::value_type;
    static constexpr bool is_direct = false;
    static constexpr bool is_stage = false;

    generator_origin(Fn fn, flow::source_options const& options) : fn_(std::move(fn)), options_(options) {}

    template <class Visit>
    void feeds(flow_builder&, Visit const& visit) const {
        visit(generator_feed<event_type, Fn>(fn_, options_.prompt), sources<event_type>());
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const at = g.add(1);
        g.add_step(at, "from(function)", "");
        return at;
    }

private:
    Fn fn_;
    flow::source_options options_;
};

/// Of flow::from(stage): a stage that somebody else runs.
template <class T>
class stage_origin {
public:
    using event_type = T;
    static constexpr bool is_direct =
        false;  // its dispatcher is not ours: it might give each event to every subscriber
    static constexpr bool is_stage = true;

    explicit stage_origin(sluice::source<T> from) : from_(std::move(from)) {}

    template <class Visit>
    void feeds(flow_builder&, Visit const& visit) const {
        visit(inlet_feed<T>(), sources<T>(from_));
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const at = g.add(1);
        auto const& name = static_cast<stage_core&>(access::output(from_).stage()).name;
        g.add_step(at, "from(stage)", name);
        return at;
    }

private:
    sluice::source<T> from_;
};

template <class Fn>
concept generator_function = std::invocable < std::decay_t<Fn>
& > &&requires(std::decay_t<Fn>& f) {
    typename std::invoke_result_t<std::decay_t<Fn>&>::value_type;
    requires std::same_as < std::invoke_result_t < std::decay_t<Fn>
    & >, std::optional < typename std::invoke_result_t<std::decay_t<Fn>&>::value_type >> ;
};

template <class S>
inline constexpr bool is_source = false;
template <class T>
inline constexpr bool is_source<sluice::source<T>> = true;

template <class R>
inline constexpr bool moves_from_lvalue =
    std::is_lvalue_reference_v<R>&& std::is_lvalue_reference_v<std::ranges::range_reference_t<R>> &&
    !std::copy_constructible<std::ranges::range_value_t<R>>;

}  // namespace sluice::detail

namespace sluice::flow {

/// The events of a range, one after the other, as they are asked for: a view, or a container. A container that is given
/// by name is not copied: it must live, and stay as it is, while the flow runs. One that is given by std::move is the
/// flow's own, and copies of the flow share it.
///
/// @code
/// numbers const some{1, 2, 3};
/// auto const by_name = flow::from(some);                // it must live while the flow runs
/// auto const its_own = flow::from(numbers{1, 2, 3});    // shared by copies of the flow
/// auto const view = flow::from(std::views::iota(1));    // without end
/// auto const function = flow::from([i = 0]() mutable {  // 1, 2, 3, by a function that ends with nullopt
///     return i < 3 ? std::optional(++i) : std::nullopt;
/// });
/// @endcode
///
/// Events are copied out of a container, so that a flow can be run again; those that cannot be copied are moved out, so
/// that a flow of them runs once (errc::already_run). What a view computes is neither.
/// Runs as one stage, with the steps behind it, so order is kept; put flow::shuffle() behind it to spread costly steps
/// over the threads. Memory: a batch. Copies: those.
template <std::ranges::input_range R>
    requires(!emitter<std::remove_cvref_t<R>>)
auto from(R&& range, source_options const& options = {}) {
    static_assert(
        !detail::moves_from_lvalue<R>,
        "flow::from: the events of this range cannot be copied. Give the range by std::move, so that the flow "
        "may move them out.");
    using view = std::views::all_t<R>;
    using origin = detail::range_origin<view>;
    return pipeline<origin>(origin(std::views::all(std::forward<R>(range)), options), std::tuple<>());
}

/// What `fn()` returns, which is std::optional<T>, until it returns nullopt. Each run begins with a copy of the
/// function as it was given here. Runs as one stage, which calls it one event after the other; order is kept. Memory: a
/// batch. Copies: none of events.
template <detail::generator_function Fn>
    requires(!std::ranges::input_range<Fn>)
auto from(Fn&& fn, source_options const& options = {}) {
    using function = std::decay_t<Fn>;
    static_assert(std::copy_constructible<function>,
                  "flow::from: the function must be copyable, because a flow can be run more than once. Hold what "
                  "cannot be copied by std::shared_ptr, or name the function and give std::ref of it.");
    using origin = detail::generator_origin<function>;
    return pipeline<origin>(origin(std::forward<Fn>(fn), options), std::tuple<>());
}

/// The events of a stage that emits: a producer, a producer_consumer, an intake. The flow subscribes to it, with
/// cancel_mode::transient unless the options say otherwise: it ends when the stage ends, and fails when the stage
/// fails. The stage is not run by the flow; whoever made it runs it, before or after. Order: as emitted. Memory:
/// max_demand events. Copies: none.
template <emitter S>
auto from(S const& stage, subscribe_options const& options = {}) {
    using origin = detail::stage_origin<typename S::event_type>;
    return pipeline<origin>(origin(sluice::from(stage, options)), std::tuple<>());
}

/// The same on terms that need functions or keys: a bound by weight, a selector, a partition:
/// `flow::from(sluice::from(pages, {.max_weight = 64'000}).weigh(size))`.
template <class T>
auto from(sluice::source<T> const& stage) {
    using origin = detail::stage_origin<T>;
    return pipeline<origin>(origin(stage), std::tuple<>());
}

/// @cond
// Anything else does not compile: the compiler is told to say what is taken.
template <class Other>
    requires(!std::ranges::input_range<Other> && !emitter<std::remove_cvref_t<Other>> &&
             !detail::is_source<std::remove_cvref_t<Other>> && !detail::generator_function<Other>)
auto from(Other&&) {
    static_assert(
        detail::always_false<Other>,
        "flow::from takes a range, a stage that emits, what sluice::from(stage, options) gives, or a function "
        "without arguments that returns std::optional<event>.");
}
/// @endcond

}  // namespace sluice::flow
