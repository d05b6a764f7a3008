// Layers of a random flow that gather, count and join.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <sluice/core/partition_of.hpp>
#include <utility>

#include "growing.hpp"

namespace equivalence {

namespace {

auto to_event(std::pair<number, event> const& p) -> event { return {pair_value(p.first, p.second.value)}; }

/// One number for each key of the stages' events.
auto folded(key_function const& key, result const& before, std::size_t stages, std::function<number(number)> const& of)
    -> result {
    result after{std::vector<numbers>(stages), stages, true, false};
    std::map<number, number> sums;
    for (auto const v : before.all()) sums[key.at(v)] += of(v);
    for (auto const& [k, sum] : sums) {
        after.stages[sluice::core::partition_of(std::hash<number>()(k), stages)].push_back(pair_value(k, sum));
    }
    return after;
}

auto draw_key_options(chooser& decide) -> flow::reduce_by_key_options {
    auto options = draw_options<flow::reduce_by_key_options>(decide);
    options.combine = decide.choose(3) != 0;
    options.combine_keys = decide.between(std::size_t{1}, 4);
    return options;
}
auto key_text(flow::reduce_by_key_options const& options, key_function const& key) -> std::string {
    return "(" + text_of(options) + ", " + key.text() +
           (options.combine ? ", combines " + std::to_string(options.combine_keys) : std::string()) + ")";
}

auto behind_reduce_by_key(chooser& decide, grown before) -> grown {
    auto const options = draw_key_options(decide);
    key_function const key{decide.between(1, 7)};
    auto const add = [](event& sum, event const& e) { sum.value += e.value; };
    auto const merge = [](event& sum, event const& more) {
        if (active_wrong != wrong::merge_that_forgets) sum.value += more.value;
    };
    before.text += " | reduce_by_key" + key_text(options, key);
    before.expected = folded(key, before.expected, *options.stages, [](number v) { return v; });
    before.flow =
        any_flow(before.flow.pipe() | flow::reduce_by_key(key, event(), add, merge, options) | flow::map(to_event));
    return before;
}

auto behind_count_by(chooser& decide, grown before) -> grown {
    auto const options = draw_key_options(decide);
    key_function const key{decide.between(1, 7)};
    auto const to_number = [](std::pair<number, std::size_t> const& p) {
        return event{pair_value(p.first, number(p.second))};
    };
    before.text += " | count_by" + key_text(options, key);
    before.expected = folded(key, before.expected, *options.stages, [](number) { return 1; });
    before.flow = any_flow(before.flow.pipe() | flow::count_by(key, options) | flow::map(to_number));
    return before;
}

auto behind_take_sort(chooser& decide, grown before) -> grown {
    auto const n = decide.between(std::size_t{0}, 8);
    bool const ascending = decide.coin();
    auto const less = [ascending](event const& a, event const& b) { return ascending ? a < b : b < a; };
    before.text += " | take_sort " + std::to_string(n) + (ascending ? "" : ", greatest first");
    auto all = before.expected.all();
    std::ranges::sort(all);
    if (!ascending) std::ranges::reverse(all);
    all.resize(std::min(n, all.size()));
    before.expected = {{std::move(all)}, 1, true, true};
    auto const elements = [](std::vector<event> const& sorted) -> std::vector<event> const& { return sorted; };
    before.flow = any_flow(before.flow.pipe() | flow::take_sort(n, less) | flow::flat_map(elements));
    return before;
}

/// The sum of what the stages have come to, and how many those are.
auto behind_departition(chooser&, grown before) -> grown {
    auto const add = [](event& sum, event const& e) { sum.value += e.value; };
    auto const gather = [](std::pair<number, number>& all, event const& e) {
        all.first += e.value;
        ++all.second;
    };
    auto const done = [](std::pair<number, number> const& all) { return event{all.first + all.second}; };
    before.text += " | reduce | departition";
    number sum = number(before.expected.count);
    for (auto const v : before.expected.all()) sum += v;
    before.expected = {{{sum}}, 1, true, true};
    before.flow = any_flow(before.flow.pipe() | flow::reduce(event(), add) |
                           flow::departition(std::pair<number, number>(), gather, done));
    return before;
}

constexpr number nobody = 77;

auto pair_of(std::optional<event> const& left, std::optional<event> const& right) -> event {
    return {pair_value(left ? left->value % 500 : nobody, right ? right->value : nobody)};
}
auto pair_of(number left, number right) -> number { return pair_value(left % 500, right); }

/// Each with each, and those who meet nobody.
auto joined(flow::join_kind kind, key_function const& left_key, key_function const& right_key, numbers const& left,
            numbers const& right) -> numbers {
    using flow::join_kind;
    numbers all;
    auto const matches = [&](number l, number r) { return left_key.at(l) == right_key.at(r); };
    for (auto const l : left) {
        bool is_lonely = true;
        for (auto const r : right) {
            if (!matches(l, r)) continue;
            all.push_back(pair_of(l, r));
            is_lonely = false;
        }
        bool const wanted = kind == join_kind::left || kind == join_kind::full;
        if (is_lonely && wanted) all.push_back(pair_value(l % 500, nobody));
    }
    for (auto const r : right) {
        bool const is_lonely = std::ranges::none_of(left, [&](number l) { return matches(l, r); });
        bool const wanted = kind == join_kind::right || kind == join_kind::full;
        if (is_lonely && wanted) all.push_back(pair_value(nobody, r));
    }
    return all;
}

constexpr flow::event_window_options patient{.out_of_order = std::chrono::hours(1000), .max_empty_run = 0};

/// In windows that long, over the numbers as times.
auto joined_in_windows(number length, numbers const& left, numbers const& right,
                       std::function<numbers(numbers const&, numbers const&)> const& join) -> numbers {
    std::map<number, std::pair<numbers, numbers>> windows;
    for (auto const v : left) windows[v - remainder(v, length)].first.push_back(v);
    for (auto const v : right) windows[v - remainder(v, length)].second.push_back(v);
    numbers all;
    for (auto const& [start, sides] : windows) {
        auto const pairs = join(sides.first, sides.second);
        all.insert(all.end(), pairs.begin(), pairs.end());
    }
    return all;
}

}  // namespace

auto join(chooser& decide, grown const& a, grown const& b) -> grown {
    auto const options = draw_options<flow::join_options>(decide);
    auto kind = static_cast<flow::join_kind>(decide.choose(4));
    key_function const left_key{decide.between(3, 20)};
    key_function const right_key{decide.between(3, 20)};
    auto const length = decide.one_in(3) ? decide.between(1, 50) : 0;  // of windows
    constexpr char const* kinds[] = {"inner", "left", "right", "full"};
    auto text = std::string(kinds[static_cast<std::size_t>(kind)]) + "_join(" + text_of(options) + ", " +
                left_key.text() + ", " + right_key.text() + (length ? ", windows of " + std::to_string(length) : "") +
                "; " + a.text + "; " + b.text + ")";
    auto const plain = [&, kind](numbers const& left, numbers const& right) {
        return joined(kind, left_key, right_key, left, right);
    };
    auto const left = a.expected.all();
    auto const right = b.expected.all();
    auto pairs = length ? joined_in_windows(length, left, right, plain) : plain(left, right);
    // Where a pair comes to is as with partition: only who has which keys is promised.
    result expected{{std::move(pairs)}, *options.stages, false, false};
    if (active_wrong == wrong::join_without_the_lonely && kind == flow::join_kind::full) kind = flow::join_kind::left;
    auto const fn = [](std::optional<event> const& l, std::optional<event> const& r) { return pair_of(l, r); };
    if (length == 0) {
        auto const both = flow::bounded_join(kind, a.flow.pipe(), b.flow.pipe(), left_key, right_key, fn, options);
        return {any_flow(both), std::move(expected), std::move(text)};
    }
    auto const time_of = [](event const& e) { return e.value; };
    auto const windows = flow::fixed_windows(std::chrono::milliseconds(length), time_of, patient);
    auto const both = flow::window_join(kind, a.flow.pipe(), b.flow.pipe(), windows, left_key, right_key, fn, options);
    return {any_flow(both), std::move(expected), std::move(text)};
}

auto add_keyed_layer(chooser& decide, grown before) -> grown {
    constexpr grown (*layers[])(chooser&, grown) = {behind_reduce_by_key, behind_count_by, behind_take_sort,
                                                    behind_departition};
    return decide.pick(layers)(decide, std::move(before));
}

}  // namespace equivalence
