#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <sluice/batch.hpp>
#include <sluice/detail/flow/build.hpp>
#include <sluice/detail/flow/faults.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/options.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

// What flow::on_error does with what the steps behind it throw. A policy has
//   holds         it keeps the exception from ending the flow
//   keeps_events  it wants the event, so that there must be a copy of it
//   bad(faults, event, where, error)   what to do: the event is empty where there is none, or no copy

/// The policy of a layer without one.
struct no_policy {
    static constexpr bool holds = false;
    static constexpr bool keeps_events = false;
};

/// Lets the exceptions of the steps behind it pass, and no guard before it hold them.
template <class Next>
class pass_errors_node : public passing_node<Next> {
public:
    pass_errors_node(Next&& next, step_faults& faults) : passing_node<Next>{std::move(next)}, faults_(&faults) {}

    template <class In>
    auto push(In&& event, pace& p) -> bool {
        return passed([&] { return this->next.push(std::forward<In>(event), p); });
    }
    template <class Batch>
    auto push_batch(Batch&& events, pace& p) -> bool requires requires(Next& n) {
        n.push_batch(std::forward<Batch>(events), p);
    }
    {
        return passed([&] { return this->next.push_batch(std::forward<Batch>(events), p); });
    }
    auto settle_chain(pace& p) -> bool {
        return passed([&] { return settle(this->next, p); });
    }
    auto resume(pace& p) -> bool {
        return passed([&] { return this->next.resume(p); });
    }
    auto finish(pace& p) -> bool {
        return passed([&] { return this->next.finish(p); });
    }

private:
    template <class Call>
    auto passed(Call const& call) -> bool {
        try {
            return call();
        } catch (...) {
            faults_->make_fatal();
            throw;
        }
    }

    step_faults* faults_;
};

/// Holds the exceptions of the steps behind it, one event at a time.
///
/// Having caught one it asks for a pause: then the steps go on with what they have open before the next event comes.
/// What was open of the bad event they have given up while the exception passed.
template <class In, class Policy, class Next>
class guard_node {
public:
    guard_node(Policy policy, Next&& n, step_faults& faults, std::size_t step)
        : next(std::move(n)), policy_(std::move(policy)), faults_(&faults), step_(step) {}

    auto push(In&& event, pace& p) -> bool {
        ++count_;
        if constexpr (Policy::keeps_events) kept_.emplace(std::as_const(event));
        is_in_hand_ = true;
        return guarded([&] { return next.push(std::move(event), p); });
    }
    auto resume(pace& p) -> bool {
        return guarded([&] { return next.resume(p); });
    }
    auto settle_chain(pace& p) -> bool {
        return guarded([&] { return settle(next, p); });
    }
    /// It is called again, until nothing is left that could fail.
    auto finish(pace& p) -> bool {
        return guarded([&] { return next.finish(p); });
    }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Next next;

private:
    template <class Call>
    auto guarded(Call const& call) -> bool {
        try {
            bool const go_on = call();
            if (go_on) is_in_hand_ = false;  // what fails from now on is not of this event
            return go_on;
        } catch (...) {
            return caught();
        }
    }
    /// In the handler of the exception.
    auto caught() -> bool {
        if (faults_->is_fatal()) throw;
        bool const is_of_event = std::exchange(is_in_hand_, false);
        auto const where = faults_->place(is_of_event ? std::optional(count_ - 1) : std::nullopt);
        faults_->forget();
        try {
            auto event = std::exchange(kept_, std::nullopt);
            if (!is_of_event) event.reset();
            policy_.bad(*faults_, std::move(event), where, std::current_exception());
        } catch (...) {
            faults_->note(step_, true);
            throw;
        }
        return false;
    }

    Policy policy_;
    step_faults* faults_;
    std::size_t step_;
    std::uint64_t count_ = 0;
    bool is_in_hand_ = false;  // the last event
    std::optional<In> kept_;
};

/// The same before a function of batches: then one fails as a whole. Gathers them where there are none, as that would.
template <class In, class Policy, class Next>
class batch_guard_node {
public:
    batch_guard_node(Policy policy, Next&& n, step_faults& faults, std::size_t step)
        : next(std::move(n)), policy_(std::move(policy)), faults_(&faults), step_(step) {}

    auto push(In&& event, pace& p) -> bool {
        if (gathered_.capacity() == 0) gathered_.reserve(most_);
        gathered_.push_back(std::move(event));
        return gathered_.size() < most_ || flush(p);
    }
    auto push_batch(batch<In>&& events, pace& p) -> bool {
        count_ += in_hand_ = events.size();
        if constexpr (Policy::keeps_events) kept_.assign(events.begin(), events.end());
        return guarded([&] { return next.push_batch(std::move(events), p); });
    }
    auto settle_chain(pace& p) -> bool {
        return flush(p) && guarded([&] { return settle(next, p); });
    }
    auto resume(pace& p) -> bool {
        return guarded([&] { return next.resume(p); });
    }
    auto finish(pace& p) -> bool {
        return flush(p) && guarded([&] { return next.finish(p); });
    }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Next next;

private:
    auto flush(pace& p) -> bool { return gathered_.empty() || push_batch(std::exchange(gathered_, batch<In>()), p); }
    template <class Call>
    auto guarded(Call const& call) -> bool {
        try {
            bool const go_on = call();
            if (go_on) in_hand_ = 0;
            return go_on;
        } catch (...) {
            return caught();
        }
    }
    auto caught() -> bool {
        if (faults_->is_fatal()) throw;
        auto const first = count_ - in_hand_;
        auto const events = std::exchange(in_hand_, 0);
        auto where = faults_->place(std::nullopt);
        faults_->forget();
        try {
            if (events == 0) policy_.bad(*faults_, std::optional<In>(), where, std::current_exception());
            for (std::size_t i = 0; i < events; ++i) {
                where.element = first + i;
                auto event = i < kept_.size() ? std::optional<In>(std::move(kept_[i])) : std::nullopt;
                policy_.bad(*faults_, std::move(event), where, std::current_exception());
            }
        } catch (...) {
            faults_->note(step_, true);
            throw;
        }
        kept_.clear();
        return false;
    }

    Policy policy_;
    step_faults* faults_;
    std::size_t step_;
    std::size_t most_ = batch_size(subscribe_options());
    std::uint64_t count_ = 0;
    std::size_t in_hand_ = 0;  // of the last batch
    batch<In> gathered_;
    std::vector<In> kept_;
};

template <class Step>
using is_guard = std::bool_constant<guard_step_type<Step>>;
template <class Step>
using is_retry = std::bool_constant < requires {
    Step::is_retry;
}
> ;

template <template <class> class Is, class... Steps>
constexpr auto last_place() -> std::size_t {
    std::size_t last = sizeof...(Steps);
    std::size_t i = 0;
    ((last = Is<Steps>::value ? i : last, ++i), ...);
    return last;
}

/// The last of some steps for which that is true, alone; or nothing.
template <template <class> class Is, class... Steps>
auto last_of(std::tuple<Steps...> const& steps) {
    constexpr auto at = last_place<Is, Steps...>();
    if constexpr (at < sizeof...(Steps)) {
        return std::tuple(std::get<at>(steps));
    } else {
        return std::tuple();
    }
}

/// The remarks that hold for a step at the end of a layer: its guard, and how often it is to try.
template <class Flow>
auto remarks_of(Flow const& flow) {
    if constexpr (hands_on_remarks<std::remove_cvref_t<decltype(flow.origin())>>) {
        auto const all = std::tuple_cat(flow.origin().remarks(), flow.steps());
        return std::tuple_cat(last_of<is_guard>(all), last_of<is_retry>(all));
    } else {
        return std::tuple_cat(last_of<is_guard>(flow.steps()), last_of<is_retry>(flow.steps()));
    }
}

/// The policy among remarks.
template <class... Remarks>
auto policy_of(std::tuple<Remarks...> const& remarks) {
    constexpr auto at = last_place<is_guard, Remarks...>();
    if constexpr (at < sizeof...(Remarks)) {
        return std::get<at>(remarks).policy;
    } else {
        return no_policy();
    }
}

}  // namespace sluice::detail
