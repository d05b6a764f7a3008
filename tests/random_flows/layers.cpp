// Layers of a random flow: exchanges with steps behind them.
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <sluice/core/partition_of.hpp>
#include <utility>

#include "growing.hpp"

namespace equivalence {

namespace asio = boost::asio;

auto placed_by(key_function const& key, hash_function const& hash, result const& before, std::size_t stages) -> result {
    result after{std::vector<numbers>(stages), stages, true, before.ordered && before.count == 1};
    for (auto const v : before.all()) {
        after.stages[sluice::core::partition_of(hash(key.at(v)), stages)].push_back(v);
    }
    return after;
}

namespace {

/// With steps drawn, and checks of the order around what is between.
template <class Flow>
auto with_steps(chooser& decide, Flow const& flow, grown after, bool checked) -> grown {
    auto steps = draw_steps(decide, after.expected, after.text, 3);
    if (checked) steps.makers.insert(steps.makers.begin(), checking());
    after.flow = any_flow(flow.with(steps));
    return after;
}

/// Stamped, if the next one is to check.
auto stamped(grown const& before, bool checked) -> any_flow {
    if (!checked) return before.flow;
    any_steps stamp;
    stamp.makers.push_back(stamping());
    return any_flow(before.flow.pipe().with(stamp));
}

auto behind_partition(chooser& decide, grown before) -> grown {
    auto const options = draw_options<flow::exchange_options>(decide);
    key_function const key{decide.between(1, 7)};
    hash_function const hash{decide.choose(3), active_wrong == wrong::hash_that_wanders};
    bool const checked = decide.coin();
    bool const in_batches = decide.one_in(4);
    before.text += " | partition(" + text_of(options) + ", " + key.text() + hash.text() + ")";
    before.expected = placed_by(key, {hash.how}, before.expected, *options.stages);
    auto const exchanged = stamped(before, checked).pipe() | flow::partition(options, key, hash);
    if (!in_batches) return with_steps(decide, exchanged, std::move(before), checked);
    before.text += " | map_batch";
    auto const same = [](sluice::batch<event> events) { return events; };
    return with_steps(decide, exchanged | flow::map_batch(same), std::move(before), checked);
}

auto behind_shuffle(chooser& decide, grown before) -> grown {
    auto const options = draw_options<flow::exchange_options>(decide);
    bool const checked = decide.coin();
    bool const in_batches = decide.one_in(4);
    before.text += " | shuffle(" + text_of(options) + ")";
    auto& expected = before.expected;
    bool const is_one = options.stages == 1;
    expected = {{expected.all()}, *options.stages, is_one, is_one && expected.ordered && expected.count == 1};
    auto const exchanged = stamped(before, checked).pipe() | flow::shuffle(options);
    if (!in_batches) return with_steps(decide, exchanged, std::move(before), checked);
    before.text += " | map_batch";
    auto const other = [](sluice::batch<event> const& events) {
        auto const size = events.size() - (active_wrong == wrong::batch_cut_short && events.size() > 2);
        return std::vector<event>(events.begin(), events.begin() + size);
    };
    return with_steps(decide, exchanged | flow::map_batch(other), std::move(before), checked);
}

/// The same with steps that are really fused.
auto behind_fused(chooser& decide, grown before) -> grown {
    auto const options = draw_options<flow::exchange_options>(decide);
    changer const change{decide.choose(4), decide.between(1, 9)};
    judge const keep{decide.between(1, 5), 0};
    multiplier const many{decide.between(0, 3)};
    before.text += " | shuffle(" + text_of(options) + ") | map " + change.text() + " | flat_map up to " +
                   std::to_string(many.most) + " | filter " + keep.text() + " | tap, fused";
    auto const spread = [many](event const& e) {
        std::vector<event> all;
        for (auto const v : many.at(e.value)) all.push_back({v});
        return all;
    };
    numbers after;
    for (auto const v : before.expected.all()) {
        for (auto const each : many.at(change.at(v))) {
            if (keep.at(each)) after.push_back(each);
        }
    }
    bool const is_one = options.stages == 1;
    auto& expected = before.expected;
    expected = {{std::move(after)}, *options.stages, is_one, is_one && expected.ordered && expected.count == 1};
    auto const fused = before.flow.pipe() | flow::shuffle(options) | flow::map(change) | flow::flat_map(spread) |
                       flow::filter(keep) | flow::tap([](event const&) {});
    before.flow = any_flow(fused);
    return before;
}

/// Stages of their own, one for each that is there.
auto behind_steps(chooser& decide, grown before) -> grown {
    bool const checked = decide.coin();
    before.text += " | a layer";
    auto const flow = stamped(before, checked).pipe();
    return with_steps(decide, flow, std::move(before), checked);
}

auto pass_on(sluice::inlet<event>& in, sluice::outlet<event>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        bool const taken = co_await out.emit(std::move(*events));
        if (!taken) co_return;
    }
}

auto behind_stage(chooser& decide, grown before) -> grown {
    bool const checked = decide.coin();
    before.text += " | stage";
    auto const staged = stamped(before, checked).pipe() | flow::stage<event>(pass_on);
    return with_steps(decide, staged, std::move(before), checked);
}

/// Answers after as many turns as the number says.
auto answer(event e) -> asio::awaitable<event> {
    for (auto turns = remainder(e.value, 4); turns > 0; --turns) co_await asio::post(asio::use_awaitable);
    e.value += 3;
    co_return e;
}

auto behind_map_async(chooser& decide, grown before) -> grown {
    flow::map_async_options options{.concurrency = decide.between(std::size_t{1}, 5), .ordered = decide.coin()};
    bool const checked = options.ordered && decide.coin();
    before.text += " | map_async " + std::to_string(options.concurrency) + (options.ordered ? " in order" : "");
    before.expected.ordered = before.expected.ordered && options.ordered;
    if (active_wrong == wrong::answers_as_they_come) options.ordered = false;
    for (auto& each : before.expected.stages) {
        for (auto& v : each) v += 3;
    }
    auto const asking = stamped(before, checked).pipe() | flow::map_async(options, answer);
    return with_steps(decide, asking, std::move(before), checked);
}

}  // namespace

auto merge(chooser& decide, grown const& a, grown const& b) -> grown {
    bool const checked = decide.coin();
    auto const both = flow::merge(stamped(a, checked).pipe(), stamped(b, checked).pipe());
    grown after{a.flow, a.expected, "merge(" + a.text + "; " + b.text + ")"};
    auto& [stages, count, placed, ordered] = after.expected;
    if (a.expected.placed && b.expected.placed) {
        stages.insert(stages.end(), b.expected.stages.begin(), b.expected.stages.end());
    } else {
        stages = {a.expected.all()};
        auto const more = b.expected.all();
        stages[0].insert(stages[0].end(), more.begin(), more.end());
    }
    count += b.expected.count;
    placed = placed && b.expected.placed;
    ordered = placed && ordered && b.expected.ordered;
    // Behind it each stage hears of one of those alone.
    return with_steps(decide, both, std::move(after), checked);
}

auto add_layer(chooser& decide, grown before) -> grown {
    constexpr grown (*layers[])(chooser&, grown) = {behind_steps,    behind_partition, behind_shuffle,
                                                    behind_fused,    behind_stage,     behind_map_async,
                                                    add_keyed_layer, add_keyed_layer,  add_window_layer};
    return decide.pick(layers)(decide, std::move(before));
}

}  // namespace equivalence
