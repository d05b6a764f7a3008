#include "history.hpp"

#include <algorithm>
#include <sluice/detail/strand.hpp>
#include <sluice/testing/random_source.hpp>
#include <sluice/testing/simulation.hpp>
#include <utility>

namespace sluice::testing::detail {
namespace {

thread_local history* the_present = nullptr;

auto mix(std::uint64_t a, std::uint64_t b) noexcept -> std::uint64_t {
    return random_source::mix(random_source::mix(a) + 0x9e3779b97f4a7c15U * (b + 1));
}

}  // namespace

void touched_things::add(thing what, bool writes) {
    for (auto& each : things_) {
        if (each.what != what) continue;
        each.writes = each.writes || writes;
        return;
    }
    things_.push_back({what, writes});
}

void touched_things::add(touched_things const& others) {
    everything_ = everything_ || others.everything_;
    for (auto const& each : others.things_) add(each.what, each.writes);
}

auto touched_things::is_independent_of(touched_things const& other) const noexcept -> bool {
    if (everything_ || other.everything_) return false;
    for (auto const& mine : things_) {
        for (auto const& its : other.things_) {
            if (mine.what == its.what && (mine.writes || its.writes)) return false;
        }
    }
    return true;
}

void event_set::insert(std::size_t event) {
    auto const word = event / 64;
    if (word >= words_.size()) words_.resize(word + 1);
    words_[word] |= std::uint64_t{1} << (event % 64);
}

void event_set::insert(event_set const& others) {
    if (others.words_.size() > words_.size()) words_.resize(others.words_.size());
    for (std::size_t i = 0; i < others.words_.size(); ++i) words_[i] |= others.words_[i];
}

auto event_set::contains(std::size_t event) const noexcept -> bool {
    auto const word = event / 64;
    return word < words_.size() && (words_[word] >> (event % 64) & 1U) != 0;
}

history::history() : outer_{std::exchange(the_present, this)}, reading_{*this} { begin_schedule(); }

history::~history() { the_present = outer_; }

auto history::present() noexcept -> history* { return the_present; }

auto history::thing_of(std::string_view name, std::size_t index) noexcept -> touched_things::thing {
    std::uint64_t hash = 0;
    for (auto const c : name) hash = mix(hash, static_cast<unsigned char>(c));
    return mix(hash, index);
}

void history::begin_schedule() {
    size_ = 0;
    ready_.clear();
    creators_.assign(1, 0);
    things_.clear();
    senders_.clear();
    outsides_ = 0;
    drawn_outside_ = 0;
    inside_ = false;
}

void history::new_event(std::uint64_t number, std::size_t node) {
    if (size_ == events_.size()) events_.emplace_back();
    auto& e = events_[size_];
    e.number = number;
    e.node = node;
    e.creator = number == 0 ? size_ : creators_[number];
    e.drawn = std::exchange(drawn_outside_, 0);
    if (number != 0) e.drawn = 0;  // whether time passes: it did not
    e.touched.clear();
    e.senders.clear();
    ++size_;
    begun_ = 0;
}

/// The scenario acts, or time has passed.
void history::outside() {
    if (inside_ || (size_ > 0 && last().number == 0)) return;
    new_event(0, no_node);
    last().touched.add_everything();
    ++outsides_;
}

void history::created_up_to(std::uint64_t submitted) {
    while (creators_.size() <= submitted) {
        ready_.push_back(creators_.size());
        creators_.push_back(size_ - 1);
    }
}

void history::handlers_are_ready(std::size_t count) {
    if (count == ready_.size() && size_ > 0) return;
    outside();
    created_up_to(creators_.size() - 1 + count - ready_.size());
}

void history::handler_begins(std::uint64_t number, std::size_t node) {
    new_event(number, node);
    ready_.erase(std::find(ready_.begin(), ready_.end(), number));
    inside_ = true;
    known_ = false;
}

void history::handler_ended(std::uint64_t submitted) {
    if (!known_) last().touched.add_everything();
    created_up_to(submitted);
    inside_ = false;
}

void history::draws(std::size_t value) {
    bool const present = inside_ || (size_ > 0 && last().number == 0);
    auto& drawn = present ? last().drawn : drawn_outside_;
    drawn = mix(drawn, value + 1);
}

void history::touch(touched_things::thing what, bool writes) {
    outside();
    last().touched.add(what, writes);
}

void history::found(sluice::detail::footprint how, void const* what) noexcept {
    using sluice::detail::footprint;
    outside();
    switch (how) {
        case footprint::begins:
            things_[what] = mix(mix(last().number, last().number == 0 ? outsides_ : 0), ++begun_);
            return;
        case footprint::sends: senders_[what] = size_ - 1; return;
        case footprint::takes:
            if (auto const sent = senders_.find(what); sent != senders_.end()) {
                last().senders.push_back(sent->second);
                senders_.erase(sent);
            }
            return;
        case footprint::turns: {
            auto const& s = *static_cast<sluice::detail::strand const*>(what);
            // Submitted to the simulation itself: then nothing else is in this handler.
            if (s.inner().target<simulation::executor_type>() != nullptr) known_ = true;
            break;
        }
        case footprint::reads:
        case footprint::writes: break;
    }
    auto const known = things_.find(what);
    if (known == things_.end()) {
        last().touched.add_everything();
    } else {
        last().touched.add(known->second, how != footprint::reads);
    }
}

auto history::depend(std::size_t earlier, std::size_t later) const noexcept -> bool {
    auto const& e = events_[later];
    if (!events_[earlier].touched.is_independent_of(e.touched)) return true;
    return std::find(e.senders.begin(), e.senders.end(), earlier) != e.senders.end();
}

auto history::equivalence() const -> std::uint64_t {
    std::vector<std::uint64_t> names(size_);  // of the events: whose how-manieth they are
    std::vector<std::uint64_t> children(size_);
    std::uint64_t outsides = 0;
    std::vector<std::uint64_t> ordinals(creators_.size());
    for (std::size_t n = 1; n < creators_.size(); ++n) ordinals[n] = ++children[creators_[n]];
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < size_; ++i) {
        auto const& e = events_[i];
        names[i] = e.number == 0 ? mix(0, ++outsides) : mix(names[e.creator], ordinals[e.number]);
        std::uint64_t before = 0;
        for (std::size_t k = 0; k < i; ++k) {
            if (e.before.contains(k)) before += mix(names[k], 0);
        }
        sum += mix(mix(names[i], before), e.drawn);
    }
    return sum;
}

}  // namespace sluice::testing::detail
