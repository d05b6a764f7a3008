#pragma once

#include <concepts>
#include <initializer_list>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/options.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

/// Something that emits events of type T and can be subscribed to: producer<T>, producer_consumer<In, T>, intake<T>.
template <class S>
concept emitter = requires(S const& s) {
    typename S::event_type;
    { s.output() } -> std::same_as<detail::outlet_core<typename S::event_type>&>;
};

/// A producer to subscribe to, with the terms. Made by from().
template <class T>
class source {
public:
    source(detail::outlet_core<T>& out, subscribe_options const& options)
        : stage_(&out.stage()), out_(&out), options_(options) {
        validate(options_);
    }

    auto output() const noexcept -> detail::outlet_core<T>& { return *out_; }
    auto options() const noexcept -> subscribe_options const& { return options_; }

private:
    detail::strand_ptr stage_;  // keeps out_ alive
    detail::outlet_core<T>* out_;
    subscribe_options options_;
};

/// One source or several: what a consumer takes. `{from(a), from(b, {.max_demand = 10})}`.
template <class T>
class sources {
public:
    sources() = default;
    sources(source<T> one) : all_{std::move(one)} {}
    sources(std::initializer_list<source<T>> all) : all_(all) {}
    sources(std::vector<source<T>> all) : all_(std::move(all)) {}

    auto begin() const { return all_.begin(); }
    auto end() const { return all_.end(); }

private:
    std::vector<source<T>> all_;
};

/// Names a producer to subscribe to and the terms of the subscription.
/// Throws system_error(errc::invalid_option) when an option is out of its range.
template <emitter S>
auto from(S const& stage, subscribe_options const& options = {}) -> source<typename S::event_type> {
    return {stage.output(), options};
}

}  // namespace sluice
