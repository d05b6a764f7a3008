#include <algorithm>
#include <sluice/testing/choosers.hpp>
#include <stdexcept>
#include <string>

namespace sluice::testing {

chooser::~chooser() = default;

auto chooser::ask(decision about, std::size_t n, std::size_t odds) -> std::size_t {
    if (n == 0) refuse_empty_choice();
    if (n == 1) {
        if (about == decision::order) decide(about, n, odds);
        return 0;
    }
    auto const taken = decide(about, n, odds);
    if (taken >= n) {
        throw std::logic_error("a chooser answered " + std::to_string(taken) + " where only " + std::to_string(n) +
                               " possibilities were given");
    }
    decisions_.push_back({taken, n});
    return taken;
}

void chooser::refuse_empty_choice() { throw std::invalid_argument("nothing to choose from: n must be at least 1"); }

auto random_chooser::decide(decision about, std::size_t n, std::size_t odds) -> std::size_t {
    if (n == 1) return 0;
    if (about == decision::chance) return odds != 0 && random_.below(odds) == 0 ? 1 : 0;
    return random_.below(n);
}

delay_chooser::delay_chooser(std::uint64_t seed) noexcept
    : random_{seed},
      between_delays_{std::size_t{1} << random_.below(9)},
      longest_delay_{std::size_t{2} << random_.below(12)} {}

auto delay_chooser::decide(decision about, std::size_t n, std::size_t odds) -> std::size_t {
    switch (about) {
        case decision::order: return decide_order(n);
        case decision::chance: return odds != 0 && random_.below(odds) == 0 ? 1 : 0;
        case decision::value: break;
    }
    return random_.below(n);
}

auto delay_chooser::decide_order(std::size_t n) -> std::size_t {
    if (victim_ && (patience_ == 0 || *victim_ >= n)) victim_.reset();
    if (!victim_ && n > 1 && random_.below(between_delays_) == 0) {
        victim_ = random_.below(n);
        patience_ = 1 + random_.below(longest_delay_);
    }
    if (!victim_) return 0;
    if (n == 1) {  // nothing else is left: the victim runs
        victim_.reset();
        return 0;
    }
    --patience_;
    if (*victim_ == 0) return 1;
    --*victim_;  // an older one leaves the line
    return 0;
}

auto fifo_chooser::decide(decision about, std::size_t n, std::size_t /*odds*/) -> std::size_t {
    return about == decision::value && random_ ? random_->below(n) : 0;
}

auto exhaustive_chooser::next() -> bool {
    path_.resize(std::min(depth_, path_.size()));
    while (!path_.empty() && path_.back().taken + 1 == path_.back().options) path_.pop_back();
    depth_ = 0;
    forget_decisions();
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
}

auto exhaustive_chooser::decide(decision about, std::size_t n, std::size_t odds) -> std::size_t {
    if (n == 1 || (about == decision::chance && odds == 0)) return 0;
    if (depth_ == path_.size()) path_.push_back({0, n});
    auto const& here = path_[depth_++];
    if (here.options != n) {
        throw std::logic_error("the scenario is not deterministic: decision " + std::to_string(depth_) + " had " +
                               std::to_string(here.options) + " possibilities and now has " + std::to_string(n));
    }
    return here.taken;
}

auto byte_chooser::decide(decision about, std::size_t n, std::size_t odds) -> std::size_t {
    if (n == 1 || (about == decision::chance && odds == 0)) return 0;
    auto const options = about == decision::chance ? odds : n;
    std::size_t number = 0;
    for (auto left = options - 1; left > 0 && !bytes_.empty(); left >>= 8U) {
        number = (number << 8U) | std::to_integer<std::size_t>(bytes_.front());
        bytes_ = bytes_.subspan(1);
    }
    number %= options;
    if (about == decision::chance) return number + 1 == odds ? 1 : 0;  // zeros mean no
    return number;
}

auto replay_chooser::decide(decision /*about*/, std::size_t n, std::size_t /*odds*/) -> std::size_t {
    if (n == 1) return 0;
    if (position_ >= script_.size()) {
        diverged_ = true;
        return 0;
    }
    auto const& recorded = script_[position_++];
    if (recorded.options != n) diverged_ = true;
    return std::min(recorded.taken, n - 1);
}

auto chooser_for_seed(std::uint64_t seed) -> std::unique_ptr<chooser> {
    if (seed % 2 == 0) return std::make_unique<random_chooser>(seed);
    return std::make_unique<delay_chooser>(seed);
}

}  // namespace sluice::testing
