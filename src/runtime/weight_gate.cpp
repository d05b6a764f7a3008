#include <algorithm>
#include <sluice/core/demand.hpp>
#include <sluice/detail/weight_gate.hpp>
#include <utility>

namespace sluice::detail {

auto weight_gate::ask(std::size_t n) noexcept -> std::size_t {
    credit_ = core::saturating_add(credit_, n);
    return grant();
}

void weight_gate::deliver(std::span<std::size_t const> weights) {
    under_way_.reserve(weights.size());
    for (auto weight : weights) {
        outstanding_ = core::saturating_add(outstanding_, weight);
        under_way_.push_back(std::move(weight));
    }
    granted_ -= std::min(granted_, weights.size());
}

void weight_gate::acknowledge(std::uint64_t total) noexcept {
    for (; acknowledged_ < total && !under_way_.empty(); ++acknowledged_) {
        outstanding_ -= std::min(outstanding_, under_way_.front());
        under_way_.pop_front();
    }
}

auto weight_gate::grant() noexcept -> std::size_t {
    if (granted_ > 0 || credit_ == 0) return 0;
    if (outstanding_ >= most_) return 0;
    --credit_;
    return granted_ = 1;
}

weight_gates::weight_gates() noexcept = default;
weight_gates::~weight_gates() = default;

auto weight_gates::of(subscriber_id id) const noexcept -> weight_gate* {
    return id < gates_.size() ? gates_[id].get() : nullptr;
}

void weight_gates::add(subscriber_id id, std::size_t most) {
    if (id >= gates_.size()) gates_.resize(id + 1);
    gates_[id] = std::make_unique<weight_gate>(most);
    ++gates_in_use_;
}

void weight_gates::remove(subscriber_id id) noexcept {
    if (of(id) == nullptr) return;
    gates_[id].reset();
    --gates_in_use_;
}

auto weight_gates::take_due() noexcept -> std::vector<subscriber_id> const& {
    taken_.clear();
    std::swap(taken_, due_);
    return taken_;
}

void weight_gates::note_due(subscriber_id id) {
    due_.push_back(id);
    weights_.clear();
}

void weight_gates::note_weight(std::size_t weight) { weights_.push_back(weight); }

void weight_gates::deliver_noted(subscriber_id id) { of(id)->deliver(weights_); }

}  // namespace sluice::detail
