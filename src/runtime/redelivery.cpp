#include <algorithm>
#include <sluice/core/planted.hpp>
#include <sluice/detail/redelivery.hpp>

namespace sluice::detail {

kept_batches::~kept_batches() {
    for (; !batches_.empty(); batches_.pop_front()) of_->part_with(batches_.front());
}

void kept_batches::keep(message* b) { batches_.push_back(std::move(b)); }

void kept_batches::acknowledge(std::uint64_t total) noexcept {
    while (!batches_.empty() && acknowledged_ < total) {
        auto* const front = batches_.front();
        auto const n = std::min<std::uint64_t>(total - acknowledged_, of_->size(front));
        acknowledged_ += n;
        of_->drop(front, static_cast<std::size_t>(n));
        if (of_->size(front) > 0) return;
        batches_.pop_front();
        of_->part_with(front);
    }
}

auto kept_batches::take(std::list<message*>& into) noexcept -> std::size_t {
    std::size_t lost = 0;
    while (!batches_.empty()) {
        auto* const b = batches_.front();
        batches_.pop_front();
        auto const rest = of_->take(b);
        lost += rest.lost;
        if (!rest.again) continue;
        if (SLUICE_BUG(redelivery_forgotten)) {
            of_->part_with(rest.again);
        } else {
            into.push_back(rest.again);
        }
    }
    return lost;
}

redelivery::redelivery(batch_functions const& of) noexcept : functions_(&of) {}
redelivery::~redelivery() { clear(); }

void redelivery::add(link const& l) {
    if (l.id >= kept_.size()) kept_.resize(l.id + 1);
    kept_[l.id] = std::make_unique<kept_batches>(*functions_);
    ++wanted_;
}

auto redelivery::of(link const& l) const noexcept -> kept_batches* {
    return l.id < kept_.size() ? kept_[l.id].get() : nullptr;
}

auto redelivery::end(link& l) noexcept -> std::size_t {
    auto* const kept = of(l);
    if (!kept) return 0;
    kept->acknowledge(l.acknowledged());
    auto const lost = l.producer_lets_go() ? 0 : kept->take(again_);
    kept_[l.id].reset();
    --wanted_;
    return lost;
}

auto redelivery::is_under_way() const noexcept -> bool {
    return std::ranges::any_of(kept_, [](auto const& each) { return each && !each->empty(); });
}

auto redelivery::size() const noexcept -> std::size_t {
    std::size_t events = 0;
    for (auto const* b : again_) events += functions_->size(b);
    return events;
}

auto redelivery::pop() noexcept -> message* {
    if (again_.empty()) return nullptr;
    auto* const oldest = again_.front();
    again_.pop_front();
    return oldest;
}

void redelivery::clear() noexcept {
    for (auto* b : again_) functions_->part_with(b);
    again_.clear();
    kept_.clear();
    wanted_ = 0;
}

}  // namespace sluice::detail
