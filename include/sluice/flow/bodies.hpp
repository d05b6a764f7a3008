#pragma once

#include <concepts>
#include <sluice/consumer.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/flow/guard.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/flow/sources.hpp>
#include <sluice/producer.hpp>
#include <sluice/producer_consumer.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// A stage's body with its arguments, as it is kept until a flow runs. Each run, and each stage, gets copies.
template <class Body, class... Args>
struct kept_body {
    template <class Make>
    auto with(Make const& make) const {
        return std::apply([&](Args const&... each) { return make(body, each...); }, args);
    }

    Body body;
    std::tuple<Args...> args;
};

/// Of flow::source<T>(body, args…).
template <class T, class Kept>
class body_origin {
public:
    using event_type = T;
    static constexpr bool is_direct = true;
    static constexpr bool is_stage = true;

    /// `asks`: the demand of the steps behind it.
    explicit body_origin(Kept kept, std::string label = {}, subscribe_options const& asks = {})
        : kept_(std::move(kept)), label_(std::move(label)), asks_(asks) {}

    auto emitters(flow_builder& b) const -> outlet_list<T> {
        auto made = kept_.with([&](auto const&... parts) { return producer<T>(b.executor(), parts...); });
        access::output(made).end_when_left();
        made.set_name(title());
        outlet_list<T> const all{&access::output(made)};
        b.add(std::move(made));
        return all;
    }
    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        visit(inlet_feed<T>(), subscriptions(emitters(b), asks_));
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const at = g.add(1);
        g.add_step(at, title().c_str(), "");
        return at;
    }

private:
    auto title() const -> std::string { return label_.empty() ? "source" : label_; }

    Kept kept_;
    std::string label_;
    subscribe_options asks_;
};

/// A layer whose stages run a body: one for each stage of the layer before, or of the exchange.
template <class Before, class Out, class Kept>
class body_layer {
public:
    using input_type = typename Before::event_type;
    using event_type = Out;
    static constexpr bool is_direct = true;
    static constexpr bool is_stage = true;

    body_layer(Before before, Kept kept, std::string label)
        : before_(std::move(before)), kept_(std::move(kept)), label_(std::move(label)) {}

    auto emitters(flow_builder& b) const -> outlet_list<Out> {
        subscribe_options const options;
        outlet_list<Out> all;
        flow_layer layer{.title = step_title("stage", label_), .is_chained = true};
        auto const before = before_.emitters(b, batch_size(options));
        for (auto* out : before) {
            auto made = make(kept_, b.executor(), sources<input_type>(source<input_type>(*out, options)));
            made.set_name(stage_title(layer.title, all.size(), before.size()));
            all.push_back(&access::output(made));
            layer.stages.push_back(access::core(made));
            b.add(std::move(made));
        }
        if (b.notes_layers()) {
            layer.another = [kept = kept_, executor = b.executor()]() -> stage { return make(kept, executor, {}); };
            b.add(std::move(layer));
        }
        return all;
    }
    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        subscribe_options const options;
        for (auto* out : emitters(b)) visit(inlet_feed<Out>(), sources<Out>(source<Out>(*out, options)));
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const from = before_.draw(g);
        auto const at = g.add(g.stages_of(from));
        g.add_step(at, "stage", label_);
        g.connect(from, at, "", true);
        return at;
    }

private:
    using stage_type = producer_consumer<input_type, Out>;

    static auto make(Kept const& kept, asio::any_io_executor const& executor, sources<input_type> const& from)
        -> stage_type {
        auto made = kept.with([&](auto const&... parts) { return stage_type(executor, from, parts...); });
        access::output(made).end_when_left(&access::input(made));
        return made;
    }

    Before before_;
    Kept kept_;
    std::string label_;
};

/// The same within a layer: there is no exchange, so what was said before holds for the steps behind, too.
template <class Layer, class Remarks>
class remarked_layer : public Layer {
public:
    remarked_layer(Layer layer, Remarks remarks) : Layer(std::move(layer)), remarks_(std::move(remarks)) {}
    auto remarks() const -> Remarks const& { return remarks_; }

private:
    Remarks remarks_;
};

template <class Out, class Body, class... Args>
struct body_step {
    static constexpr bool is_sink = false;

    template <class Flow>
    auto attach(Flow const& flow) const {
        using in = typename Flow::event_type;
        constexpr bool fits = has_handle_events<Body, in> || middle_body<Body, in, Out, Args...>;
        if constexpr (!fits) refuse_body<ends_of_stage<inlet<in>, outlet<Out>>, Body, Args...>();
        static_assert(
            fits,
            "flow::stage<Out>: the body must be callable as body(sluice::inlet<In>&, sluice::outlet<Out>&, args...), "
            "where In is the event that reaches it, and return boost::asio::awaitable<void>; or be a handler "
            "object with handle_events(sluice::batch<In>).");
        if constexpr (fits) {
            auto remarks = remarks_of(flow);
            using origin = remarked_layer<body_layer<Flow, Out, kept_body<Body, Args...>>, decltype(remarks)>;
            return flow::pipeline<origin>(origin({flow, kept, label}, std::move(remarks)), std::tuple<>());
        } else {
            return flow;
        }
    }

    kept_body<Body, Args...> kept;
    std::string label = {};
};

template <class Body, class... Args>
struct sink_step {
    static constexpr bool is_sink = true;

    template <class Flow>
    auto attach(Flow const& flow) const {
        using in = typename Flow::event_type;
        constexpr bool fits = has_handle_events<Body, in> || stage_body<Body, inlet<in>, Args...>;
        if constexpr (!fits) refuse_body<ends_of_stage<inlet<in>>, Body, Args...>();
        static_assert(
            fits,
            "flow::sink: the body must be callable as body(sluice::inlet<In>&, args...), where In is the event "
            "that reaches it, and return boost::asio::awaitable<void>; or be a handler object with "
            "handle_events(sluice::batch<In>).");
        if constexpr (fits) {
            return flow::sunk<Flow, sink_step>(flow, *this);
        } else {
            return flow;
        }
    }

    static auto batch() -> std::size_t { return batch_size(subscribe_options()); }
    template <class T>
    void build(flow_builder& b, outlet_list<T> const& all) const {
        auto const from = subscriptions(all, subscribe_options());
        auto made = kept.with([&](auto const&... parts) { return consumer<T>(b.executor(), from, parts...); });
        made.set_name(step_title("sink", label));
        b.add(std::move(made));
    }

    kept_body<Body, Args...> kept;
    std::string label = {};
};

template <class... Parts>
constexpr void check_copyable() {
    static_assert(
        (std::copy_constructible<Parts> && ...),
        "flow::source, flow::stage, flow::sink: the body and its arguments must be copyable, because a flow can be "
        "run more than once. Hold what cannot be copied by std::shared_ptr, or name it and give std::ref of it.");
}

}  // namespace sluice::detail

namespace sluice::flow {

/// A flow that begins with a producer's body: `body(outlet<T>&, args…) -> asio::awaitable<void>`, or a handler object;
/// see sluice::producer. It runs as one stage of its own. Body and arguments are copied for each run; std::ref stays a
/// reference. Order: as emitted. Memory: 1000 events between it and the next stage. Copies: none.
///
/// @code
/// auto const f = flow::source<int>(counter, 0, 100) | flow::map([](int i) { return i + 1; });  // 1 … 100
/// @endcode
///
/// What it emits goes on at once, however little it is: `co_await out.emit(event)` says "this is what I have". When
/// nobody wants more, demand(), emit() and pause_until() say so; a body that waits for something else just then, a
/// timer or a socket, is cancelled there (operation_aborted), and the flow ends normally all the same.
template <class T, class Body, class... Args>
auto source(Body&& body, Args&&... args) {
    using function = std::decay_t<Body>;
    detail::check_copyable<function, std::decay_t<Args>...>();
    constexpr bool fits =
        detail::has_handle_demand<function> || detail::stage_body<function, outlet<T>, std::decay_t<Args>...>;
    if constexpr (!fits) detail::refuse_body<detail::ends_of_stage<outlet<T>>, function, std::decay_t<Args>...>();
    static_assert(fits,
                  "flow::source<T>: the body must be callable as body(sluice::outlet<T>&, args...) and return "
                  "boost::asio::awaitable<void>, or be a handler object with handle_demand(std::size_t).");
    using kept = detail::kept_body<function, std::decay_t<Args>...>;
    using origin = detail::body_origin<T, kept>;
    return pipeline<origin>(origin(kept{std::forward<Body>(body), {std::forward<Args>(args)...}}), std::tuple<>());
}

/// @cond
/// Says that the type of the events is missing.
template <int = 0, class Body, class... Args>
auto source(Body&&, Args&&...) {
    static_assert(!std::same_as<Body, Body>,
                  "flow::source: name the type of the events that the body emits: flow::source<T>(body, args...)");
}
/// @endcond

/// A step with a body: `body(inlet<In>&, outlet<Out>&, args…) -> asio::awaitable<void>`, or a handler object; see
/// sluice::producer_consumer. In is the type of the events that reach it.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::stage<int>(doubler);  // 2, 4, 6
/// @endcode
///
/// It runs as a stage of its own for each stage of the layer that it stands in: one behind a single source, .stages of
/// them behind flow::partition or flow::shuffle; each with its own copies of body and arguments, and fed by one stage.
/// When nobody wants more of one, receive() and emit() say so; a body that waits for something else is cancelled there.
/// Order: kept between two stages. Memory: 1000 events before and behind each. Copies: none.
template <class Out, class Body, class... Args>
auto stage(Body&& body, Args&&... args) {
    using function = std::decay_t<Body>;
    detail::check_copyable<function, std::decay_t<Args>...>();
    using step = detail::body_step<Out, function, std::decay_t<Args>...>;
    return closure<step>(std::tuple(step{{std::forward<Body>(body), {std::forward<Args>(args)...}}}));
}

/// @cond
/// Says that the type of the events is missing.
template <int = 0, class Body, class... Args>
auto stage(Body&&, Args&&...) {
    static_assert(!std::same_as<Body, Body>,
                  "flow::stage: name the type of the events that the body emits: flow::stage<Out>(body, args...)");
}
/// @endcond

/// The end of a flow, with a body: `body(inlet<In>&, args…) -> asio::awaitable<void>`, or a handler object; see
/// sluice::consumer. One stage, which gets all that comes out of the last layer. Run such a flow with flow::async_run
/// or flow::run. Order: kept from each stage. Memory: 1000 events from each stage. Copies: none.
///
/// @code
/// int sum = 0;
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::sink(adder, std::ref(sum));
/// flow::run(f, pool);  // sum == 6
/// @endcode
template <class Body, class... Args>
auto sink(Body&& body, Args&&... args) {
    using function = std::decay_t<Body>;
    detail::check_copyable<function, std::decay_t<Args>...>();
    using step = detail::sink_step<function, std::decay_t<Args>...>;
    return closure<step>(std::tuple(step{{std::forward<Body>(body), {std::forward<Args>(args)...}}}));
}

}  // namespace sluice::flow
