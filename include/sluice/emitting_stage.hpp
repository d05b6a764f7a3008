#pragma once

#include <cstddef>
#include <sluice/detail/access.hpp>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/options.hpp>
#include <utility>

namespace sluice {

/// What every stage has that emits events of type T, besides what `Base` has.
template <class T, class Base>
class emitting_stage : public Base {
public:
    /// How many events it has emitted that wait for a taker, in its buffer and in its dispatcher's queues; informs do
    /// not count. From any thread; the stage goes on meanwhile. GenStage: `estimate_buffered_count`.
    auto buffered_count() const noexcept -> std::size_t { return out_->buffered_count(); }

    /// Whether asks are served or wait, and events with them: so all consumers can subscribe before anybody is served,
    /// and any stage can be a gate that is shut and opened while it runs. From any thread; takes effect in the order of
    /// the calls. GenStage: `demand/2`.
    void set_demand(demand_flow flow) {
        detail::send_function(*detail::access::core(*this), [out = out_, flow] { out->set_flow(flow); });
    }

protected:
    /// For the stages of the library: the shared state, and its ends.
    template <class Core, class... Ends>
    emitting_stage(Core core, detail::outlet_core<T>& out, Ends&... ends) noexcept
        : Base(std::move(core), ends...), out_(&out) {}

private:
    friend struct detail::access;
    auto output() const noexcept -> detail::outlet_core<T>& { return *out_; }

    detail::outlet_core<T>* out_;
};

}  // namespace sluice
