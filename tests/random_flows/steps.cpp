// The steps of a layer, each as the library has it and as plain loops.
#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <ranges>
#include <set>
#include <sluice/testing/invariant.hpp>
#include <utility>

#include "grown.hpp"
#include "wrong_steps.hpp"

namespace equivalence {

namespace {

/// What a step asks of what reaches it.
enum class needs { nothing, place, order };

struct choice {
    needs what;
    bool is_reduction;
    step (*draw)(chooser&);
};

auto draw_changer(chooser& decide) -> changer { return {decide.choose(4), decide.between(1, 9)}; }
auto draw_judge(chooser& decide) -> judge {
    auto const by = decide.between(1, 5);
    return {by, decide.between(0, by)};
}
auto draw_key(chooser& decide) -> key_function { return {decide.between(1, 7)}; }

auto map(chooser& decide) -> step {
    auto const fn = draw_changer(decide);
    auto plain = [fn](numbers const& in) {
        numbers out;
        std::ranges::transform(in, std::back_inserter(out), [&](number v) { return fn.at(v); });
        return out;
    };
    if (active_wrong == wrong::neighbours_swapped) return {"map", replaced<swapping_node>(fn), plain};
    if (active_wrong == wrong::last_event_kept) return {"map", replaced<keeping_node>(fn), plain};
    return {"map " + fn.text(), maker_of(flow::map(fn)), plain};
}

auto filter(chooser& decide) -> step {
    auto const fn = draw_judge(decide);
    auto plain = [fn](numbers const& in) {
        numbers out;
        std::ranges::copy_if(in, std::back_inserter(out), [&](number v) { return fn.at(v); });
        return out;
    };
    if (active_wrong == wrong::pause_loses_an_event) return {"filter", replaced<losing_node>(fn), plain};
    return {"filter " + fn.text(), maker_of(flow::filter(fn)), plain};
}

auto reject(chooser& decide) -> step {
    auto const fn = draw_judge(decide);
    return {"reject " + fn.text(), maker_of(flow::reject(fn)), [fn](numbers const& in) {
                numbers out;
                for (auto const v : in) {
                    if (!fn.at(v)) out.push_back(v);
                }
                return out;
            }};
}

/// By a container, by a view that refers to the event, or by a reference to what the function keeps.
auto flat_map(chooser& decide) -> step {
    multiplier const fn{decide.between(0, 3)};
    auto const by_container = [fn](event const& e) {
        std::vector<event> all;
        for (auto const v : fn.at(e.value)) all.push_back({v, e.from, e.count});
        return all;
    };
    auto const by_view = [fn](event const& e) {
        return std::views::iota(number{0}, fn.count(e.value)) | std::views::transform([&e](number i) {
                   return event{e.value + i, e.from, e.count};
               });
    };
    auto by_reference = [by_container, kept = std::vector<event>()](event const& e) mutable -> std::vector<event>& {
        kept = by_container(e);
        return kept;
    };
    auto const how = decide.choose(3);
    auto make = how == 0   ? maker_of(flow::flat_map(by_container))
                : how == 1 ? maker_of(flow::flat_map(by_view))
                           : maker_of(flow::flat_map(by_reference));
    if (active_wrong == wrong::pause_ends_a_range) make = replaced<abandoning_node>(fn);
    return {"flat_map up to " + std::to_string(fn.most), make, [fn](numbers const& in) {
                numbers out;
                for (auto const v : in) std::ranges::copy(fn.at(v), std::back_inserter(out));
                return out;
            }};
}

auto tap(chooser&) -> step {
    return {"tap", maker_of(flow::tap([](event const&) {})), [](numbers const& in) { return in; }};
}

auto map_values(chooser& decide) -> step {
    auto const fn = draw_changer(decide);
    auto const pair = [](event const& e) { return std::pair(e.value % 10, e); };
    auto const join = [](std::pair<number, event> p) {
        p.second.value = pair_value(p.first, p.second.value);
        return p.second;
    };
    return {"map_values " + fn.text(), maker_of(flow::map(pair) | flow::map_values(fn) | flow::map(join)),
            [fn](numbers const& in) {
                numbers out;
                for (auto const v : in) out.push_back(pair_value(v % 10, fn.at(v)));
                return out;
            }};
}

auto take(chooser& decide) -> step {
    auto const n = decide.between(std::size_t{0}, 6);
    auto const real = n + (active_wrong == wrong::take_one_more);
    return {"take " + std::to_string(n), maker_of(flow::take(real)), [n](numbers const& in) {
                return numbers(in.begin(), in.begin() + std::ptrdiff_t(std::min(n, in.size())));
            }};
}

auto drop(chooser& decide) -> step {
    auto const n = decide.between(std::size_t{0}, 6);
    return {"drop " + std::to_string(n), maker_of(flow::drop(n)),
            [n](numbers const& in) { return numbers(in.begin() + std::ptrdiff_t(std::min(n, in.size())), in.end()); }};
}

/// Where events come in any order: only how many there are.
auto nothing_but(number v) {
    return flow::map([v](event e) {
        e.value = v;
        return e;
    });
}

auto take_some(chooser& decide) -> step {
    auto const n = decide.between(std::size_t{0}, 6);
    auto const real = n + (active_wrong == wrong::take_one_more);
    return {"take " + std::to_string(n) + " | map to 5", maker_of(flow::take(real) | nothing_but(5)),
            [n](numbers const& in) { return numbers(std::min(n, in.size()), 5); }};
}

auto drop_some(chooser& decide) -> step {
    auto const n = decide.between(std::size_t{0}, 6);
    return {"map to 5 | drop " + std::to_string(n), maker_of(nothing_but(5) | flow::drop(n)),
            [n](numbers const& in) { return numbers(in.size() - std::min(n, in.size()), 5); }};
}

auto take_while(chooser& decide) -> step {
    auto const fn = draw_judge(decide);
    return {"take_while " + fn.text(), maker_of(flow::take_while(fn)), [fn](numbers const& in) {
                return numbers(in.begin(), std::ranges::find_if(in, [&](number v) { return !fn.at(v); }));
            }};
}

auto scan(chooser&) -> step {
    auto const add = [](event& sum, event const& e) { sum = {(sum.value * 3 + e.value) % 10'007, e.from, e.count}; };
    return {"scan", maker_of(flow::scan(event(), add)), [](numbers const& in) {
                numbers out;
                number sum = 0;
                for (auto const v : in) out.push_back(sum = (sum * 3 + v) % 10'007);
                return out;
            }};
}

auto scan_count(chooser&) -> step {
    auto const add = [](event& sum, event const& e) { sum = {sum.value + 1, e.from, e.count}; };
    return {"scan to count", maker_of(flow::scan(event(), add)), [](numbers const& in) {
                numbers out(in.size());
                std::iota(out.begin(), out.end(), 1);
                return out;
            }};
}

auto zip_with_index(chooser&) -> step {
    auto const join = [](std::pair<event, std::size_t> p) {
        p.first.value = pair_value(number(p.second), p.first.value);
        return p.first;
    };
    return {"zip_with_index", maker_of(flow::zip_with_index() | flow::map(join)), [](numbers const& in) {
                numbers out;
                for (auto const v : in) out.push_back(pair_value(number(out.size()), v));
                return out;
            }};
}

auto uniq(chooser&) -> step {
    return {"uniq", maker_of(flow::uniq()), [](numbers const& in) {
                numbers out;
                std::set<number> seen;
                std::ranges::copy_if(in, std::back_inserter(out), [&](number v) { return seen.insert(v).second; });
                return out;
            }};
}

auto uniq_by(chooser& decide) -> step {
    auto const key = draw_key(decide);
    return {"uniq_by " + key.text(), maker_of(flow::uniq_by(key)), [key](numbers const& in) {
                numbers out;
                std::set<number> seen;
                std::ranges::copy_if(in, std::back_inserter(out),
                                     [&](number v) { return seen.insert(key.at(v)).second; });
                return out;
            }};
}

/// Which of several passes is open where events come in any order; not so which keys do.
auto uniq_keys(chooser& decide) -> step {
    auto const key = draw_key(decide);
    auto const to_key = [key](event e) {
        e.value = key.at(e.value);
        return e;
    };
    return {"uniq_by " + key.text() + " | map to key", maker_of(flow::uniq_by(key) | flow::map(to_key)),
            [key](numbers const& in) {
                numbers out;
                for (auto const v : in) {
                    if (std::ranges::count(out, key.at(v)) == 0) out.push_back(key.at(v));
                }
                return out;
            }};
}

auto reduce(chooser&) -> step {
    auto const add = [](event& sum, event const& e) { sum += e; };
    return {"reduce to sum", maker_of(flow::reduce(event(), add)),
            [](numbers const& in) { return numbers{std::accumulate(in.begin(), in.end(), number(0))}; }};
}

/// Lets every event pass, and ends with the sum.
auto emit_and_reduce(chooser&) -> step {
    auto const add = [](event& sum, event e) {
        sum += e;
        return std::views::single(e);
    };
    auto const last = [](event sum) { return std::views::single(sum); };
    return {"emit_and_reduce with sum", maker_of(flow::emit_and_reduce(event(), add, last)), [](numbers const& in) {
                auto out = in;
                out.push_back(std::accumulate(in.begin(), in.end(), number(0)));
                return out;
            }};
}

/// Lets each event pass so often as it is the n-th.
auto emit_by_count(chooser&) -> step {
    auto const repeat = [](number& n, event const& e) { return std::vector<event>(std::size_t(++n % 3), e); };
    return {"emit_and_reduce by count", maker_of(flow::emit_and_reduce(number(0), repeat)), [](numbers const& in) {
                numbers out;
                number n = 0;
                for (auto const v : in) out.insert(out.end(), std::size_t(++n % 3), v);
                return out;
            }};
}

/// In order of the keys' first events; of a group, the number and the sum.
auto group_by(chooser& decide) -> step {
    auto const key = draw_key(decide);
    auto const value = [](event const& e) { return e.value; };
    auto const to_event = [](std::pair<number, numbers> const& group) {
        auto const sum = std::accumulate(group.second.begin(), group.second.end(), number(group.second.size()));
        return event{pair_value(group.first, sum)};
    };
    return {"group_by " + key.text(), maker_of(flow::group_by(key, value) | flow::map(to_event)),
            [key](numbers const& in) {
                numbers keys;
                std::map<number, number> sums;
                for (auto const v : in) {
                    if (sums.try_emplace(key.at(v), 0).second) keys.push_back(key.at(v));
                    sums[key.at(v)] += v + 1;
                }
                numbers out;
                for (auto const k : keys) out.push_back(pair_value(k, sums[k]));
                return out;
            }};
}

constexpr choice choices[] = {
    {needs::nothing, false, map},          {needs::nothing, false, filter},       {needs::nothing, false, flat_map},
    {needs::nothing, false, reject},       {needs::nothing, false, tap},          {needs::nothing, false, map_values},
    {needs::order, false, take},           {needs::order, false, drop},           {needs::order, false, take_while},
    {needs::order, false, scan},           {needs::order, false, zip_with_index}, {needs::order, false, uniq_by},
    {needs::place, false, uniq},           {needs::place, false, uniq_keys},      {needs::place, false, take_some},
    {needs::place, false, drop_some},      {needs::place, false, scan_count},     {needs::place, true, reduce},
    {needs::place, true, emit_and_reduce}, {needs::order, true, emit_by_count},   {needs::place, true, group_by},
};

/// Stamps; each stage has a copy, which takes a number of its own when it gets its first event.
struct stamper {
    auto operator()(event e) -> event {
        if (id == 0) id = ++*last_id;
        e.from = id;
        e.count = ++count;
        return e;
    }

    std::shared_ptr<std::atomic<std::uint32_t>> last_id = std::make_shared<std::atomic<std::uint32_t>>(0);
    std::uint32_t id = 0;
    std::uint32_t count = 0;
};

struct order_checker {
    void operator()(event const& e) {
        auto& before = last[e.from];
        sluice::testing::invariant(e.count > before, "events of one stage come to another in the order of emission");
        before = e.count;
    }

    std::map<std::uint32_t, std::uint32_t> last = {};
};

}  // namespace

auto stamping() -> node_maker { return maker_of(flow::map(stamper())); }
auto checking() -> node_maker { return maker_of(flow::tap(order_checker())); }

auto draw_steps(chooser& decide, result& expected, std::string& text, std::size_t most) -> any_steps {
    any_steps all;
    bool has_reduction = false;
    for (auto count = decide.choose(most + 1); count > 0; --count) {
        auto const known = expected.ordered ? needs::order : expected.placed ? needs::place : needs::nothing;
        auto fits = [&](choice const& each) { return each.what <= known && !(has_reduction && each.is_reduction); };
        auto const usable = std::ranges::count_if(choices, fits);
        auto const nth = decide.choose(std::size_t(usable));
        auto suitable = choices | std::views::filter(fits) | std::views::drop(std::ptrdiff_t(nth));
        auto const& chosen = *suitable.begin();
        has_reduction = has_reduction || chosen.is_reduction;
        auto drawn = chosen.draw(decide);
        text += " | " + drawn.text;
        for (auto& each : expected.stages) each = drawn.plain(each);
        all.makers.push_back(std::move(drawn.make));
    }
    return all;
}

}  // namespace equivalence
