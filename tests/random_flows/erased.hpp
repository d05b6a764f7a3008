#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/flow/flow.hpp>
#include <utility>
#include <vector>

#include "functions.hpp"

namespace equivalence {

namespace flow = sluice::flow;
namespace library = sluice::detail;

/// Steps and flows whose types are erased, so that a program can put them together as it runs. The steps are those of
/// the library, each with a virtual call behind it; so are the layers.
class any_node {
public:
    virtual ~any_node() = default;
    virtual auto push(event&& e, library::pace& p) -> bool = 0;
    virtual auto resume(library::pace& p) -> bool = 0;
    virtual auto finish(library::pace& p) -> bool = 0;
    virtual auto settle(library::pace& p) -> bool = 0;
    virtual void open(library::lane_core& lane) = 0;
    virtual auto deadline() -> std::optional<library::environment::clock::time_point> = 0;
    virtual auto is_done() const noexcept -> bool = 0;
};

template <class Node>
class node_of final : public any_node {
public:
    explicit node_of(Node&& node) : node_(std::move(node)) {}

    auto push(event&& e, library::pace& p) -> bool override { return node_.push(std::move(e), p); }
    auto resume(library::pace& p) -> bool override { return node_.resume(p); }
    auto finish(library::pace& p) -> bool override { return node_.finish(p); }
    auto settle(library::pace& p) -> bool override { return library::settle(node_, p); }
    void open(library::lane_core& lane) override { library::open(node_, lane); }
    auto deadline() -> std::optional<library::environment::clock::time_point> override {
        return library::deadline_of(node_);
    }
    auto is_done() const noexcept -> bool override { return node_.is_done(); }

private:
    Node node_;
};

/// For the library the last of its chain: it walks on by itself.
class erased_node : public library::flow_end {
public:
    template <class Node>
        requires(!std::same_as<Node, erased_node>)
    explicit erased_node(Node&& node) : node_(new node_of<Node>(std::move(node))) {}

    auto push(event&& e, library::pace& p) -> bool { return node_->push(std::move(e), p); }
    auto resume(library::pace& p) -> bool { return node_->resume(p); }
    auto finish(library::pace& p) -> bool { return node_->finish(p); }
    auto settle(library::pace& p) -> bool { return node_->settle(p); }
    void open(library::lane_core& lane) { node_->open(lane); }
    auto deadline() { return node_->deadline(); }
    auto is_done() const noexcept -> bool { return node_->is_done(); }

private:
    std::unique_ptr<any_node> node_;
};

/// Puts a node before another.
using node_maker = std::function<erased_node(erased_node)>;

/// Of steps that make events of events.
template <class... Steps>
auto maker_of(flow::closure<Steps...> const& closure) -> node_maker {
    return [steps = closure.steps()](erased_node next) {
        return erased_node(library::make_chain<event, 0>(steps, std::move(next)));
    };
}

/// Any number of them as one step.
struct any_steps : library::fused_step<any_steps> {
    static constexpr char const* kind = "steps";

    template <class In>
    struct on {
        static_assert(std::same_as<In, event>);
        using out = event;
    };
    template <class In, class Next>
    auto node(Next next) const -> erased_node {
        erased_node all(std::move(next));
        for (auto each = makers.rbegin(); each != makers.rend(); ++each) all = (*each)(std::move(all));
        return all;
    }

    std::vector<node_maker> makers = {};
};

/// A flow up to here.
class any_flow {
public:
    using event_type = event;
    static constexpr bool is_direct = true;
    static constexpr bool is_stage = true;
    using outlets = library::outlet_list<event>;

    template <class Origin, class... Steps>
    explicit any_flow(flow::pipeline<Origin, Steps...> const& flow)
        : flow_(std::make_shared<flow_of<flow::pipeline<Origin, Steps...>>>(flow)) {}

    auto pipe() const { return flow::pipeline<any_flow>(*this, std::tuple<>()); }

    // As detail::merged has them.
    auto emitters(library::flow_builder& b, std::size_t batch) const -> outlets { return flow_->emitters(b, batch); }
    template <class Key, class Hash>
    auto partitions(library::flow_builder& b, Key const& key, Hash const& hash, std::size_t count,
                    std::size_t batch) const -> std::vector<outlets> {
        return flow_->partitions(b, key, hash, count, batch);
    }
    void effects(library::flow_builder& b) const { flow_->effects(b); }
    template <class Visit>
    void feeds(library::flow_builder& b, Visit const& visit) const {
        sluice::subscribe_options const options;
        for (auto* out : emitters(b, library::batch_size(options))) {
            visit(library::inlet_feed<event>(), sluice::sources<event>(sluice::source<event>(*out, options)));
        }
    }
    static auto draw(flow::graph& g) -> std::size_t { return g.add(1); }

private:
    struct any {
        virtual ~any() = default;
        virtual auto emitters(library::flow_builder& b, std::size_t batch) const -> outlets = 0;
        virtual auto partitions(library::flow_builder& b, key_function const& key, hash_function const& hash,
                                std::size_t count, std::size_t batch) const -> std::vector<outlets> = 0;
        virtual void effects(library::flow_builder& b) const = 0;
    };
    template <class F>
    struct flow_of final : any {
        explicit flow_of(F const& f) : flow(f) {}
        auto emitters(library::flow_builder& b, std::size_t batch) const -> outlets override {
            return flow.emitters(b, batch);
        }
        auto partitions(library::flow_builder& b, key_function const& key, hash_function const& hash, std::size_t count,
                        std::size_t batch) const -> std::vector<outlets> override {
            return flow.partitions(b, key, hash, count, batch);
        }
        void effects(library::flow_builder& b) const override { flow.effects(b); }
        F flow;
    };

    std::shared_ptr<any const> flow_;
};

}  // namespace equivalence
