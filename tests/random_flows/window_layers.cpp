// Layers of a random flow that reduce in windows. The time of an event is its number. Nothing is ever late: events may
// be so much out of order that windows of event time close at the end; what is late is the business of other tests.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include "growing.hpp"

namespace equivalence {

namespace {

using std::chrono::milliseconds;

constexpr flow::event_window_options patient{.out_of_order = std::chrono::hours(1000), .max_empty_run = 0};

auto time_of(event const& e) -> number { return e.value; }
void add(event& sum, event const& e) { sum += e; }

/// Behind an exchange, so that a stage hears of several.
auto exchanged(chooser& decide, grown& before) {
    auto const options = draw_options<flow::exchange_options>(decide);
    key_function const key{decide.between(1, 7)};
    before.text += " | partition(" + text_of(options) + ", " + key.text() + ")";
    before.expected = placed_by(key, {}, before.expected, *options.stages);
    return before.flow.pipe() | flow::partition(options, key, hash_function());
}

template <class Fn>
void of_each_stage(result& expected, bool stays_ordered, Fn const& fn) {
    expected.ordered = expected.ordered && stays_ordered;
    for (auto& each : expected.stages) each = fn(each);
}

/// The sums of so many events each; and what there is by then, every few.
auto behind_count_windows(chooser& decide, grown before) -> grown {
    auto const n = decide.between(std::size_t{1}, 7);
    auto const every = decide.between(std::size_t{1}, 9);
    bool const is_ordered = before.expected.ordered && before.expected.count == 1;
    auto const flow = exchanged(decide, before);
    if (!is_ordered) {  // then only how many there are in each is known
        auto const one = [](event& sum, event const&) { ++sum.value; };
        before.text += " | count_windows " + std::to_string(n) + " | reduce to count";
        before.flow = any_flow(flow | flow::count_windows(n) | flow::reduce(event(), one));
        of_each_stage(before.expected, true, [n](numbers const& in) {
            numbers out(in.size() / n, number(n));
            out.push_back(number(in.size() % n));
            return out;
        });
        return before;
    }
    before.text += " | count_windows " + std::to_string(n) + " | trigger_every " + std::to_string(every) + " | reduce";
    before.flow = any_flow(flow | flow::count_windows(n) | flow::trigger_every(every) | flow::reduce(event(), add));
    of_each_stage(before.expected, true, [n, every](numbers const& in) {
        numbers out;
        number sum = 0;
        std::size_t count = 0;
        for (auto const v : in) {
            sum += v;
            ++count;
            if (count % every == 0) out.push_back(sum);
            if (count < n) continue;
            out.push_back(std::exchange(sum, 0));
            count = 0;
        }
        out.push_back(sum);
        return out;
    });
    return before;
}

/// The number of the window with its sum.
auto numbered(event& sum, flow::trigger_info const& info) -> std::vector<event> {
    return {event{pair_value(info.window.number, sum.value)}};
}

/// Where an event's windows begin, the last one first.
auto windows_of(number time, number size, number slide) -> numbers {
    numbers begins;
    for (auto at = time - remainder(time, slide); at > time - size; at -= slide) begins.push_back(at);
    return begins;
}

auto sums_of(number size, number slide) {
    return [size, slide](numbers const& in) {
        std::map<number, number> sums;
        for (auto const v : in) {
            for (auto const begin : windows_of(v, size, slide)) sums[begin] += v;
        }
        numbers out;
        for (auto const& [begin, sum] : sums) out.push_back(pair_value(begin, sum));
        return out;
    };
}

auto behind_fixed_windows(chooser& decide, grown before) -> grown {
    auto const size = decide.between(1, 30);
    auto const flow = exchanged(decide, before);
    before.text += " | fixed_windows " + std::to_string(size) + " | reduce";
    before.flow = any_flow(flow | flow::fixed_windows(milliseconds(size), time_of, patient) |
                           flow::reduce(event(), add) | flow::on_trigger(numbered));
    of_each_stage(before.expected, true, sums_of(size, size));
    return before;
}

auto behind_sliding_windows(chooser& decide, grown before) -> grown {
    auto const slide = decide.between(1, 10);
    auto const size = slide * decide.between(1, 4);
    auto const flow = exchanged(decide, before);
    before.text += " | sliding_windows " + std::to_string(size) + " by " + std::to_string(slide) + " | reduce";
    before.flow = any_flow(flow | flow::sliding_windows(milliseconds(size), milliseconds(slide), time_of, patient) |
                           flow::reduce(event(), add) | flow::on_trigger(numbered));
    of_each_stage(before.expected, true, sums_of(size, slide));
    return before;
}

auto behind_sessions(chooser& decide, grown before) -> grown {
    auto const gap = decide.between(1, 12);
    key_function const key{decide.between(1, 4)};
    auto const flow = exchanged(decide, before);
    before.text += " | session_windows " + std::to_string(gap) + ", " + key.text() + " | reduce";
    auto const merge = [](event& sum, event const& more) {
        if (active_wrong != wrong::sessions_not_merged) sum += more;
    };
    before.flow = any_flow(flow | flow::session_windows(milliseconds(gap), time_of, key, merge, patient) |
                           flow::reduce(event(), add));
    of_each_stage(before.expected, false, [gap, key](numbers in) {
        std::ranges::sort(in);
        std::map<number, std::pair<number, number>> open;  // by key: when the last event was, and the sum
        numbers out;
        for (auto const v : in) {
            auto const [at, is_new] = open.try_emplace(key.at(v), v, 0);
            if (v - at->second.first >= gap) out.push_back(std::exchange(at->second.second, 0));
            at->second = {v, at->second.second + v};
        }
        for (auto const& [k, session] : open) out.push_back(session.second);
        return out;
    });
    return before;
}

}  // namespace

auto add_window_layer(chooser& decide, grown before) -> grown {
    constexpr grown (*layers[])(chooser&, grown) = {behind_count_windows, behind_fixed_windows, behind_sliding_windows,
                                                    behind_sessions};
    // Times so far apart would make too many windows of them.
    auto const is_far = [](number v) { return v < -100'000 || v > 100'000; };
    if (std::ranges::any_of(before.expected.all(), is_far)) return before;
    return decide.pick(layers)(decide, std::move(before));
}

}  // namespace equivalence
