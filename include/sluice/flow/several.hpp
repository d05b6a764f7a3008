#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <ranges>
#include <sluice/core/api.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/flow/sources.hpp>
#include <sluice/from.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// Of flow::from_ranges.
template <class View>
class ranges_origin {
public:
    using event_type = std::ranges::range_value_t<View>;
    static constexpr bool is_direct = false;
    static constexpr bool is_stage = false;

    ranges_origin(std::vector<range_origin<View>> all, flow::source_options const& options)
        : all_(std::move(all)), options_(options) {}

    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        if (all_.empty()) visit(range_feed<View>(nullptr, options_.prompt), sources<event_type>());
        for (auto const& each : all_) each.feeds(b, visit);
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const at = g.add(all_.empty() ? 1 : all_.size());
        g.add_step(at, "from_ranges", std::to_string(all_.size()) + (all_.size() == 1 ? " range" : " ranges"));
        return at;
    }

private:
    std::vector<range_origin<View>> all_;
    flow::source_options options_;
};

/// Of flow::from_stages: stages that somebody else runs.
template <class T>
class stages_origin {
public:
    using event_type = T;
    static constexpr bool is_direct = false;  // as stage_origin
    static constexpr bool is_stage = true;

    explicit stages_origin(sources<T> from) : from_(std::move(from)) {}

    template <class Visit>
    void feeds(flow_builder&, Visit const& visit) const {
        for (auto const& each : from_) visit(inlet_feed<T>(), sources<T>(each));
    }
    auto draw(flow::graph& g) const -> std::size_t {
        std::string names;
        std::size_t count = 0;
        for (auto const& each : from_) {
            auto const& name = static_cast<stage_core&>(access::output(each).stage()).name;
            names += (count++ == 0 ? "" : ", ") + (name.empty() ? std::string("stage") : name);
        }
        auto const at = g.add(count);
        g.add_step(at, "from_stages", names);
        return at;
    }

private:
    sources<T> from_;
};

template <class S>
struct event_of_source {};
template <emitter S>
struct event_of_source<S> {
    using type = typename S::event_type;
};
template <class T>
struct event_of_source<source<T>> {
    using type = T;
};

template <class S>
concept source_of_events = requires {
    typename event_of_source<S>::type;
};

template <class T>
auto as_source(source<T> const& from) -> source<T> {
    return from;
}
template <emitter S>
auto as_source(S const& stage) -> source<typename S::event_type> {
    return sluice::from(stage);
}

[[noreturn]] SLUICE_API void throw_no_stages();

template <class R>
concept range_of_ranges = std::ranges::input_range<R> && std::ranges::input_range<std::ranges::range_reference_t<R>>;

}  // namespace sluice::detail

namespace sluice::flow {

/// Several ranges, each with a stage of its own in which the steps behind it run too, so that they are walked side by
/// side. For each of them holds what flow::from says: ranges in a container that is given by name must live and stay as
/// they are while the flow runs, one that is given by std::move is the flow's own, and so are ranges that a view makes
/// as it is walked, which happens here, once.
///
/// @code
/// std::vector<numbers> const lists{{1, 2}, {3}, {4, 5, 6}};
/// auto const f = flow::from_ranges(lists) | flow::map([](int i) { return i * 10; });  // a stage for each list
/// @endcode
///
/// No ranges are an empty flow. Order: kept within a range; none between them. Memory: a batch a range. Copies: as with
/// flow::from.
/// Flow: `from_enumerables`.
template <detail::range_of_ranges R>
auto from_ranges(R&& ranges, source_options const& options = {}) {
    constexpr bool is_ours = !std::is_lvalue_reference_v<R> && !std::ranges::view<std::remove_cvref_t<R>>;
    using element = std::ranges::range_reference_t<R>;
    using given = std::conditional_t<is_ours, std::remove_reference_t<element>, element>;
    static_assert(!detail::moves_from_lvalue<given>,
                  "flow::from_ranges: the events of these ranges cannot be copied. Give the ranges by std::move, so "
                  "that the flow may move them out.");
    using view = std::views::all_t<given>;
    std::vector<detail::range_origin<view>> all;
    for (auto&& each : ranges) all.emplace_back(std::views::all(static_cast<given&&>(each)), options);
    using origin = detail::ranges_origin<view>;
    return pipeline<origin>(origin(std::move(all), options), std::tuple<>());
}

/// Several stages that emit, `from_stages(first, second)`, each as flow::from says: they are run by somebody else, end
/// the flow when all of them have ended normally, and fail it when one fails. One of the arguments may be
/// `sluice::from(stage, options)`, which brings its own terms, also a selector or a partition. Each feeds a stage of
/// the flow, with the steps behind. Order: kept from each; none between them. Memory: max_demand events of each.
/// Copies: none. Flow: `from_stages`.
///
/// @code
/// sluice::producer<int> first{pool, counter, 0, 3};
/// sluice::producer<int> second{pool, counter, 10, 13};
/// auto const f = flow::from_stages(first, second);  // 0, 1, 2 and 10, 11, 12, when they are run
/// @endcode
template <class First, class... Rest>
auto from_stages(First const& first, Rest const&... rest) {
    constexpr bool emit = detail::source_of_events<First> && (detail::source_of_events<Rest> && ...);
    static_assert(emit, "flow::from_stages takes stages that emit, or what sluice::from(stage, options) gives.");
    if constexpr (emit) {
        using event = typename detail::event_of_source<First>::type;
        constexpr bool are_alike = (std::same_as<event, typename detail::event_of_source<Rest>::type> && ...);
        static_assert(are_alike,
                      "flow::from_stages: what the stages emit must be of one type. Put flow::from and flow::map "
                      "behind those that differ, and flow::merge them.");
        if constexpr (are_alike) {
            using origin = detail::stages_origin<event>;
            std::vector<sluice::source<event>> const all{detail::as_source(first), detail::as_source(rest)...};
            return pipeline<origin>(origin(sources<event>(all)), std::tuple<>());
        }
    }
}

/// The same for as many as are known when the program runs: a list of what `sluice::from(stage, options)` gives.
/// Throws errc::invalid_option when there is none.
template <class T>
auto from_stages(std::vector<sluice::source<T>> const& all) {
    if (all.empty()) detail::throw_no_stages();
    using origin = detail::stages_origin<T>;
    return pipeline<origin>(origin(sources<T>(all)), std::tuple<>());
}

/// @cond
// Anything else does not compile: the compiler is told to say what is taken.
template <class Other>
    requires(!detail::range_of_ranges<Other>)
void from_ranges(Other&&, source_options const& = {}) {
    static_assert(detail::always_false<Other>,
                  "flow::from_ranges takes a range of ranges, such as a vector of vectors. For a single range use "
                  "flow::from.");
}
/// @endcond

}  // namespace sluice::flow
