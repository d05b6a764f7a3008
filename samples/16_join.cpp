// Two flows joined by a key: orders with the customers who gave them; and customers who have given none.
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <vector>

namespace flow = sluice::flow;

struct customer {
    int id;
    std::string name;
};
struct order {
    int customer;
    int cents;
};
struct line {
    std::string name;
    int cents;
};

int main() {
    std::vector<customer> const customers{{1, "Ada"}, {2, "Bob"}, {3, "Cleo"}, {4, "Dan"}};
    std::vector<order> orders;
    for (int i = 0; i < 1000; ++i) orders.push_back({1 + i % 3, 100 + i});

    sluice::thread_pool pool;
    // [readme:join]
    auto const lines = flow::bounded_join(
        flow::join_kind::left, flow::from(customers), flow::from(orders), [](customer const& c) { return c.id; },
        [](order const& o) { return o.customer; },
        [](std::optional<customer> const& who, std::optional<order> const& what) {
            return line{who->name, what ? what->cents : 0};  // left: there is always a customer
        });
    std::map<std::string, int> sums;
    flow::for_each(lines, pool, [&sums](line const& each) { sums[each.name] += each.cents; });
    // [readme:end]

    int total = 0;
    for (auto const& [name, cents] : sums) {
        std::cout << name << " owes " << cents / 100 << '.' << cents % 100 / 10 << cents % 10 << '\n';
        total += cents;
    }
    int expected = 0;
    for (auto const& each : orders) expected += each.cents;
    return sums.size() == 4 && sums["Dan"] == 0 && total == expected ? EXIT_SUCCESS : EXIT_FAILURE;
}
