// Sessions: the visits of each user to a web site. A visit is over when its user has asked for nothing for half an
// hour; the log's own times count, and its lines come out of order.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <map>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <vector>

#include "data.hpp"
#include "web_log.hpp"

namespace flow = sluice::flow;
using namespace std::chrono_literals;
using sample_data::request;
using std::chrono::sys_seconds;

struct visit {
    std::string user;
    sys_seconds begin;
    std::chrono::seconds length;
    int requests;
};

auto requests_in(std::string const& line) -> std::vector<request> {
    auto one = sample_data::parse_request(line);
    return one ? std::vector{*std::move(one)} : std::vector<request>();
}
auto user_of(request const& r) -> std::string const& { return r.user; }
auto time_of(request const& r) -> sys_seconds { return r.time; }

/// The same by hand, to compare.
auto count_visits(std::vector<std::string> const& log) -> std::size_t {
    std::map<std::string, std::vector<sys_seconds>> times;
    for (auto const& line : log) {
        for (auto const& r : requests_in(line)) times[r.user].push_back(r.time);
    }
    std::size_t visits = 0;
    for (auto& [user, all] : times) {
        std::ranges::sort(all);
        for (std::size_t i = 0; i < all.size(); ++i) visits += i == 0 || all[i] - all[i - 1] >= 30min;
    }
    return visits;
}

int main() {
    auto const log = sample_data::web_log(100'000, 7);

    sluice::thread_pool pool;
    // [readme:sessions]
    auto const add = [](int& requests, request const&) { ++requests; };
    auto const merge = [](int& requests, int more) { requests += more; };
    auto const to_visit = [](int requests, flow::trigger_info const& at, std::string const& user) {
        auto const begin = at.start<sys_seconds>();
        return std::vector{visit{user, begin, at.end<sys_seconds>() - begin - 30min, requests}};
    };
    auto const visits = flow::from(log) | flow::flat_map(requests_in) | flow::partition({.stages = 4}, user_of) |
                        flow::session_windows(30min, time_of, user_of, merge) | flow::reduce(0, add) |
                        flow::on_trigger(to_visit);
    auto const all = flow::collect(visits, pool);
    // [readme:end]

    std::map<std::string, std::vector<visit>> by_user;
    for (auto const& each : all) by_user[each.user].push_back(each);
    std::cout << all.size() << " visits of " << by_user.size() << " users\n";
    for (auto& [user, mine] : by_user) {
        auto const longest = std::ranges::max_element(mine, {}, &visit::length);
        std::cout << std::left << std::setw(8) << user << std::right << std::setw(3) << mine.size()
                  << " visits, the longest " << std::setw(3) << longest->length / 1min << " min with " << std::setw(4)
                  << longest->requests << " requests\n";
    }
    return all.size() == count_visits(log) && by_user.size() == 50 ? EXIT_SUCCESS : EXIT_FAILURE;
}
