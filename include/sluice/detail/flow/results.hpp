#pragma once

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/consumer.hpp>
#include <sluice/detail/flow/ends.hpp>
#include <sluice/detail/flow/run.hpp>
#include <sluice/flow/reduce.hpp>
#include <sluice/flow/stateful_steps.hpp>
#include <sluice/inlet.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

template <class C, class T>
concept appends_to = requires(C& all, T&& event) {
    all.push_back(std::move(event));
}
|| requires(C& all, T&& event) { all.insert(std::move(event)); }
|| requires(C& all, T&& event) { all.push(std::move(event)); };

/// Into a container that somebody waits for.
template <class T, class C>
struct container_end : flow_end {
    explicit container_end(std::shared_ptr<C> c) : all(std::move(c)) {}
    auto push(T&& event, pace&) -> bool {
        if constexpr (requires { all->push_back(std::move(event)); }) {
            all->push_back(std::move(event));
        } else if constexpr (requires { all->insert(std::move(event)); }) {
            all->insert(std::move(event));
        } else {
            all->push(std::move(event));
        }
        return true;
    }

    std::shared_ptr<C> all;
};

template <class C, class F>
auto make_to(F const& flow, asio::any_io_executor const& executor) {
    using event = event_of<F>;
    flow_builder b(executor);
    auto const all = std::make_shared<C>();
    if constexpr (check_runnable<F, false>()) {
        static_assert(appends_to<C, event>,
                      "flow::to: the container must have push_back, insert or push for the events that come out of the "
                      "flow.");
        if constexpr (appends_to<C, event>) {
            add_last(b, flow, [&](auto&) { return container_end<event, C>(all); });
        }
    }
    return flow_run<C>(std::move(b), all);
}

/// The container that a template makes of these events, as it deduces from a range of them.
template <template <class...> class C, class T>
using container_of = decltype(C(std::declval<T*>(), std::declval<T*>()));

/// The first of these is the result, and the others are merged into it.
template <class Acc, class Merge>
struct merge_end : flow_end {
    merge_end(std::shared_ptr<Acc> a, Merge m) : all(std::move(a)), merge(std::move(m)) {}
    auto push(Acc&& event, pace&) -> bool {
        if (std::exchange(is_first, false)) {
            *all = std::move(event);
        } else {
            std::invoke(merge, *all, std::move(event));
        }
        return true;
    }

    std::shared_ptr<Acc> all;
    Merge merge;
    bool is_first = true;
};

/// What there is before the first accumulator has come, and nobody sees unless the flow fails.
template <class Init>
auto before_all(Init const& init) -> accumulator_of<Init> {
    if constexpr (std::default_initializable<accumulator_of<Init>>) {
        return accumulator_of<Init>();
    } else {
        return first_accumulator(init);
    }
}

template <class F, class Init, class Fn, class Merge>
auto make_reduce_all(F const& flow, asio::any_io_executor const& executor, Init const& init, Fn fn, Merge merge) {
    using accumulator = accumulator_of<Init>;
    flow_builder b(executor);
    auto const all = std::make_shared<accumulator>(before_all(init));
    if constexpr (check_runnable<F, false>()) {
        constexpr bool folds = std::invocable<Fn&, accumulator&, event_of<F>>;
        constexpr bool merges = std::invocable<Merge&, accumulator&, accumulator>;
        static_assert(folds, "flow::reduce_all: the function must be callable as fn(accumulator&, event).");
        static_assert(merges,
                      "flow::reduce_all: the merge function must be callable as merge(accumulator&, accumulator).");
        if constexpr (folds && merges) {
            auto const reduced = flow.with_last(reduce_step<Init, Fn>{{}, init, std::move(fn)});
            add_last(b, reduced, [&](auto&) { return merge_end<accumulator, Merge>(all, std::move(merge)); });
        }
    }
    return flow_run<accumulator>(std::move(b), all);
}

template <class F>
auto make_count(F const& flow, asio::any_io_executor const& executor) {
    auto const add = [](std::size_t& count, auto const&) { ++count; };
    auto const merge = [](std::size_t& count, std::size_t more) { count += more; };
    return make_reduce_all(flow, executor, std::size_t{0}, add, merge);
}

/// What a sum of these is kept in: integers and floating point in the widest, others in themselves.
template <class T>
struct sum_type {
    using type = T;
};
template <std::signed_integral T>
struct sum_type<T> {
    using type = std::int64_t;
};
template <std::unsigned_integral T>
struct sum_type<T> {
    using type = std::uint64_t;
};
template <>
struct sum_type<float> {
    using type = double;
};

template <class F>
auto make_sum(F const& flow, asio::any_io_executor const& executor) {
    using event = event_of<F>;
    using sum = typename sum_type<event>::type;
    constexpr bool adds = std::default_initializable<sum> && requires(sum & a, event && b, sum && c) {
        a += std::move(b);
        a += std::move(c);
    };
    static_assert(adds,
                  "flow::sum: the events that come out of the flow must have += and a value to begin with. Use "
                  "flow::reduce_all for others.");
    if constexpr (adds) {
        auto const add = [](sum& all, auto&& more) { all += std::forward<decltype(more)>(more); };
        return make_reduce_all(flow, executor, sum(), add, add);
    } else {
        return flow_run<event>(flow_builder(executor), nullptr);
    }
}

/// Into an optional that somebody waits for.
template <class T>
struct optional_end : flow_end {
    explicit optional_end(std::shared_ptr<std::optional<T>> o) : one(std::move(o)) {}
    auto push(T&& event, pace&) -> bool {
        one->emplace(std::move(event));
        return true;
    }

    std::shared_ptr<std::optional<T>> one;
};

template <class F>
auto make_first(F const& flow, asio::any_io_executor const& executor) {
    using event = event_of<F>;
    flow_builder b(executor);
    auto const one = std::make_shared<std::optional<event>>();
    if constexpr (check_runnable<F, false>()) {
        take_step const take_one{{}, 1};
        add_last(
            b, flow.with_last(take_one), [&](auto&) { return optional_end<event>(one); }, take_one);
    }
    return flow_run<std::optional<event>>(std::move(b), one);
}

template <class Fn, class T>
concept awaiting_function = std::invocable<Fn&, T> && std::same_as<std::invoke_result_t<Fn&, T>, asio::awaitable<void>>;

/// The body of for_each_async.
template <class T, class Fn>
struct each_awaited {
    auto operator()(inlet<T>& in, Fn fn) const -> asio::awaitable<void> {
        while (auto events = co_await in.receive()) {
            for (T& event : *events) {
                auto step = std::invoke(fn, std::move(event));
                co_await std::move(step);
            }
        }
    }
};

template <class F, class Fn>
auto make_for_each_async(F const& flow, asio::any_io_executor const& executor, Fn fn) {
    flow_builder b(executor);
    if constexpr (check_runnable<F, false>()) {
        using event = event_of<F>;
        static_assert(awaiting_function<Fn, event>,
                      "flow::for_each_async: the function must take the event that comes out, by value, const& or &&, "
                      "and return boost::asio::awaitable<void>. Use flow::for_each for one that does not wait.");
        if constexpr (awaiting_function<Fn, event>) {
            subscribe_options const options;
            auto const from = subscriptions(flow.emitters(b, batch_size(options)), options);
            b.add(consumer<event>(executor, from, each_awaited<event, Fn>(), std::move(fn)));
        }
    }
    return flow_run<void>(std::move(b), nullptr);
}

}  // namespace sluice::detail
