// Sources, and how a random flow grows from them.
#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "growing.hpp"

namespace equivalence {

namespace asio = boost::asio;

auto result::all() const -> numbers {
    numbers together;
    for (auto const& each : stages) together.insert(together.end(), each.begin(), each.end());
    return together;
}

auto result::size() const -> std::size_t {
    std::size_t events = 0;
    for (auto const& each : stages) events += each.size();
    return events;
}

namespace {

auto draw_numbers(chooser& decide) -> numbers {
    auto const count = decide.one_in(8) ? decide.between(0, 120) : decide.between(0, 15);
    auto const most = decide.between(1, 60);
    numbers all;
    for (number i = 0; i < count; ++i) all.push_back(decide.between(-5, most));
    return all;
}

auto events_of(numbers const& all) -> std::vector<event> {
    std::vector<event> events;
    for (auto const v : all) events.push_back({v});
    return events;
}

struct generator {
    auto operator()() -> std::optional<event> {
        if (next == all->size()) return std::nullopt;
        return event{(*all)[next++]};
    }
    std::shared_ptr<numbers const> all;
    std::size_t next = 0;
};

auto body(sluice::outlet<event>& out, numbers all) -> asio::awaitable<void> {
    std::size_t next = 0;
    while (next < all.size()) {
        auto const wanted = co_await out.demand();
        if (!wanted) co_return;
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < all.size(); ++next) events.push_back({all[next]});
        bool const taken = co_await out.emit(std::move(events));
        if (!taken) co_return;
    }
}

/// Gives what it has, a few at a time.
struct pages {
    auto operator()(std::size_t wanted) -> asio::awaitable<std::optional<std::vector<event>>> {
        if (next == all->size()) co_return std::nullopt;
        std::vector<event> page;
        while (page.size() < std::min<std::size_t>(wanted, 3) && next < all->size()) page.push_back({(*all)[next++]});
        co_return page;
    }
    std::shared_ptr<numbers const> all;
    std::size_t next = 0;
};

template <class Flow>
auto with_steps(chooser& decide, Flow const& flow, result expected, std::string text, std::size_t most) -> grown {
    auto const steps = draw_steps(decide, expected, text, most);
    return {any_flow(flow.with(steps)), std::move(expected), std::move(text)};
}

/// So large that another layer might make too much of it.
auto is_large(grown const& g) -> bool { return g.expected.size() > 500; }

}  // namespace

auto grow_source(chooser& decide) -> grown {
    auto const all = draw_numbers(decide);
    result const expected{{all}, 1, true, true};
    auto const text = std::to_string(all.size()) + " events";
    switch (decide.choose(6)) {
        case 0: return with_steps(decide, flow::from(events_of(all)), expected, "a range of " + text, 3);
        case 1: {
            auto const kept = std::make_shared<numbers>(all);
            auto const view = std::views::iota(std::size_t{0}, all.size()) |
                              std::views::transform([kept](std::size_t i) { return event{(*kept)[i]}; });
            return with_steps(decide, flow::from(view), expected, "a view of " + text, 3);
        }
        case 2:
            return with_steps(decide, flow::from(generator{std::make_shared<numbers>(all)}), expected,
                              "a function of " + text, 3);
        case 3: return with_steps(decide, flow::source<event>(body, all), expected, "a body of " + text, 3);
        case 4:
            return with_steps(decide, flow::from_batches(pages{std::make_shared<numbers>(all)}), expected,
                              "batches of " + text, 3);
        default: {
            std::vector<std::vector<event>> lists{events_of(all)};
            result several{{all}, decide.between(std::size_t{1}, 3), true, true};
            while (lists.size() < several.count) {
                several.stages.push_back(draw_numbers(decide));
                lists.push_back(events_of(several.stages.back()));
            }
            return with_steps(decide, flow::from_ranges(std::move(lists)), several,
                              std::to_string(several.count) + " ranges, one of " + text, 3);
        }
    }
}

auto grow_endless(chooser& decide) -> grown {
    auto const from = decide.between(-3, 3);
    auto const by = decide.between(1, 4);
    changer const change{decide.choose(2), decide.between(1, 9)};
    auto const nth = decide.between(1, 4);
    auto const keep = [nth, i = 0](event const&) mutable { return ++i % nth == 0; };
    auto const n = decide.between(std::size_t{0}, 30);
    auto const endless = flow::from([next = number(from), by]() mutable {
                             return std::optional(event{std::exchange(next, (next + by) % 100'000)});
                         }) |
                         flow::map(change) | flow::filter(keep);
    numbers taken;
    number next = from;
    for (int i = 1; taken.size() < n; ++i, next = (next + by) % 100'000) {
        if (i % nth == 0) taken.push_back(change.at(next));
    }
    auto text = "an endless source | map " + change.text() + " | filter every " + std::to_string(nth) + "th";
    bool const exchanged = decide.coin();
    auto real = any_flow(endless);
    if (exchanged) {
        auto options = draw_options<flow::exchange_options>(decide);
        options.stages = 1;
        text += " | shuffle(" + text_of(options) + ")";
        real = any_flow(real.pipe() | flow::shuffle(options) | flow::take(n));
    } else {
        real = any_flow(endless | flow::take(n));
    }
    return {real, {{std::move(taken)}, 1, true, true}, text + " | take " + std::to_string(n)};
}

auto grow(chooser& decide, std::size_t layers) -> grown {
    auto g = decide.one_in(10) ? grow_endless(decide) : grow_source(decide);
    while (layers > 0 && !is_large(g) && decide.choose(4) != 0) {
        --layers;
        if (decide.one_in(6)) {
            auto const other = grow(decide, std::min<std::size_t>(layers, 2));
            bool const joins = decide.coin() && g.expected.size() < 60 && other.expected.size() < 60;
            g = joins ? join(decide, g, other) : merge(decide, g, other);
        } else {
            g = add_layer(decide, std::move(g));
        }
    }
    return g;
}

}  // namespace equivalence
