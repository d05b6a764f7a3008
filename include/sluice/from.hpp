#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <sluice/detail/access.hpp>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/detail/terms.hpp>
#include <sluice/options.hpp>
#include <sluice/stage.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

/// Something that emits events of type T and can be subscribed to: producer<T>, producer_consumer<In, T>, intake<T>.
template <class S>
concept emitter = requires(S const& s) {
    typename S::event_type;
    { detail::access::output(s) } -> std::same_as<detail::outlet_core<typename S::event_type>&>;
};

/// A producer to subscribe to, with the terms. Made by from().
template <class T>
class source {
public:
    /// For from(). Throws errc::invalid_option.
    source(detail::outlet_core<T>& out, subscribe_options const& options)
        : stage_(&out.stage()), out_(&out), options_(options) {
        validate(options_);
    }

    /// Only events for which `wanted(event)` is true; for dispatchers that give an event to several (broadcast). It is
    /// called on the producer's strand. One that throws ends this subscription, and no other. GenStage: `:selector`.
    template <class Selector>
    auto select(Selector wanted) && -> source {
        static_assert(std::is_invocable_r_v<bool, Selector&, T const&>,
                      "sluice::from(...).select(f): f must be callable as bool(T const&), where T is the producer's "
                      "event type");
        change([&](auto& terms) { terms.selector = std::move(wanted); });
        return std::move(*this);
    }

    /// The partition with this key, of a partition_dispatcher whose keys have this type. GenStage: `:partition`.
    template <class Key>
    auto partition(Key key) && -> source {
        change([&](auto& terms) {
            if constexpr (std::is_convertible_v<Key, char const*>) {
                terms.partition = std::string(key);
            } else {
                terms.partition = std::move(key);
            }
        });
        return std::move(*this);
    }

    /// The same producer and choice of events, on other terms.
    auto with(subscribe_options const& options) && -> source {
        validate(options);
        options_ = options;
        return std::move(*this);
    }

    /// How heavy an event is, for subscribe_options::max_weight: `weight(event)`, in bytes or any other unit. It is
    /// called on the producer's strand; if it throws, the producer fails.
    template <class Weight>
    auto weigh(Weight weight) && -> source {
        static_assert(std::is_invocable_r_v<std::size_t, Weight&, T const&>,
                      "sluice::from(...).weigh(f): f must be callable as std::size_t(T const&), where T is the "
                      "producer's event type");
        change([&](auto& terms) { terms.weigh = std::move(weight); });
        return std::move(*this);
    }

    /// The terms of the subscription.
    auto options() const noexcept -> subscribe_options const& { return options_; }

private:
    friend struct detail::access;
    auto output() const noexcept -> detail::outlet_core<T>& { return *out_; }
    auto terms() const noexcept -> std::shared_ptr<detail::typed_terms const> const& { return terms_; }

    template <class F>
    void change(F f) {
        auto changed = std::make_shared<detail::terms_for<T>>();
        if (terms_) *changed = static_cast<detail::terms_for<T> const&>(*terms_);
        f(*changed);
        terms_ = std::move(changed);
    }

    detail::strand_ptr stage_;  // keeps out_ alive
    detail::outlet_core<T>* out_;
    subscribe_options options_;
    std::shared_ptr<detail::typed_terms const> terms_;
};

/// One source or several: what a consumer takes. `{from(a), from(b, {.max_demand = 10})}`.
template <class T>
class sources {
public:
    sources() = default;
    /// One producer.
    sources(source<T> one) : all_{std::move(one)} {}
    /// Several producers.
    sources(std::initializer_list<source<T>> all) : all_(all) {}
    /// Several producers, as many as there are.
    sources(std::vector<source<T>> all) : all_(std::move(all)) {}

    /// The first of them.
    auto begin() const { return all_.begin(); }
    /// Behind the last of them.
    auto end() const { return all_.end(); }

private:
    std::vector<source<T>> all_;
};

/// Names a producer to subscribe to and the terms of the subscription.
/// Throws system_error(errc::invalid_option) when an option is out of its range.
template <emitter S>
auto from(S const& stage, subscribe_options const& options = {}) -> source<typename S::event_type> {
    return {detail::access::output(stage), options};
}

/// @cond
// Say what is wrong with a stage that emits nothing, and with terms that are none.
template <any_stage S>
    requires(!emitter<S>)
auto from(S const&, subscribe_options const& = {}) {
    static_assert(!std::same_as<S, S>,
                  "sluice::from(x): x must emit events: a producer, a producer_consumer, an intake or a fan_out");
}
template <any_stage S, class Terms>
    requires(emitter<S> && !std::convertible_to<Terms const&, subscribe_options const&>)
auto from(S const& stage, Terms const&) {
    static_assert(!std::same_as<S, S>,
                  "sluice::from(x, options): the options of a subscription are sluice::subscribe_options");
    return from(stage);
}
/// @endcond

namespace detail {

template <class S>
inline constexpr bool is_some_source = false;
template <class T>
inline constexpr bool is_some_source<source<T>> = true;
template <class T>
inline constexpr bool is_some_source<sources<T>> = true;

/// Nothing that a stage could receive events of type T from.
template <class From, class T>
concept no_sources = !std::same_as<std::remove_cvref_t<From>, source<T>> &&
                     !std::same_as<std::remove_cvref_t<From>, sources<T>> && !std::convertible_to<From, sources<T>>;

/// What a stage shall subscribe to and cannot.
template <class From>
struct mistaken_sources {
    static constexpr bool is_source = is_some_source<From>;
    static constexpr bool is_stage = any_stage<From> || emitter<From>;
    static_assert(!is_source,
                  "sluice: the stage that is subscribed to emits events of another type than this one receives: make "
                  "the types the same, or put a sluice::producer_consumer<In, Out> between the two");
    static_assert(!is_stage, "sluice: say what to subscribe to by sluice::from(stage), not by the stage alone");
    static_assert(is_source || is_stage,
                  "sluice: between the executor and the body stands what the stage subscribes to: sluice::from(stage), "
                  "{sluice::from(one), sluice::from(another)}, or {} for nothing yet");
};
template <class T, class From>
constexpr auto refuse_sources() {
    static_assert(sizeof(mistaken_sources<std::remove_cvref_t<From>>) > 0);
    return nullptr;
}

}  // namespace detail

}  // namespace sluice
