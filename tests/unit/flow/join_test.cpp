#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <ranges>
#include <sluice/errc.hpp>
#include <sluice/flow/describe.hpp>
#include <sluice/flow/join.hpp>
#include <sluice/flow/reduce.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_join)

using namespace flow_test;
using flow::join_kind;

namespace {

using pair = std::pair<int, int>;
constexpr int none = -1;

auto either(std::optional<int> const& l, std::optional<int> const& r) -> pair {
    return {l.value_or(none), r.value_or(none)};
}
auto same(int i) -> int { return i; }
auto less_three(int i) -> int { return i - 3; }

/// As a plain loop does it.
auto by_hand(join_kind kind, std::vector<int> const& left, std::vector<int> const& right, int (*right_key)(int)) {
    std::vector<pair> all;
    std::vector<bool> met(right.size());
    for (int const l : left) {
        bool found = false;
        for (std::size_t i = 0; i < right.size(); ++i) {
            if (l != right_key(right[i])) continue;
            found = met[i] = true;
            all.emplace_back(l, right[i]);
        }
        if (!found && (kind == join_kind::left || kind == join_kind::full)) all.emplace_back(l, none);
    }
    for (std::size_t i = 0; i < right.size(); ++i) {
        if (!met[i] && (kind == join_kind::right || kind == join_kind::full)) all.emplace_back(none, right[i]);
    }
    return sorted(all);
}

/// A name with a number, and no copy of it.
struct named {
    int id;
    std::unique_ptr<std::string> name;
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_kind_gives_the_pairs_and_the_lonely_that_it_should) {
    std::vector<int> const left{0, 1, 2, 3}, right{4, 5, 6, 7, 8};
    using expected = std::vector<pair>;
    auto const join = [&](join_kind kind, int (*key)(int)) {
        auto const f = flow::bounded_join(kind, flow::from(left), flow::from(right), same, key, either);
        expected all;
        everywhere([&](collector const& collect) { all = sorted(collect(f)); });
        return all;
    };
    BOOST_TEST((join(join_kind::inner, less_three) == expected{{1, 4}, {2, 5}, {3, 6}}));
    BOOST_TEST((join(join_kind::inner, same) == expected{}));
    BOOST_TEST((join(join_kind::left, less_three) == expected{{0, none}, {1, 4}, {2, 5}, {3, 6}}));
    BOOST_TEST((join(join_kind::left, same) == expected{{0, none}, {1, none}, {2, none}, {3, none}}));
    BOOST_TEST((join(join_kind::right, less_three) == expected{{none, 7}, {none, 8}, {1, 4}, {2, 5}, {3, 6}}));
    BOOST_TEST((join(join_kind::right, same) == expected{{none, 4}, {none, 5}, {none, 6}, {none, 7}, {none, 8}}));
    BOOST_TEST(
        (join(join_kind::full, less_three) == expected{{none, 7}, {none, 8}, {0, none}, {1, 4}, {2, 5}, {3, 6}}));
    BOOST_TEST(join(join_kind::full, same).size() == 9u);
}

BOOST_AUTO_TEST_CASE(random_sides_with_many_equal_keys_give_what_a_loop_gives) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 random{seed};
        std::vector<int> left(random() % 200), right(random() % 200);
        for (int& each : left) each = static_cast<int>(random() % 50);
        for (int& each : right) each = static_cast<int>(random() % 60);
        for (auto const kind : {join_kind::inner, join_kind::left, join_kind::right, join_kind::full}) {
            auto const f = flow::bounded_join(kind, flow::from(left), flow::from(right), same, less_three, either,
                                              {.stages = 1 + random() % 4, .max_demand = 1 + random() % 50});
            everywhere([&](collector const& collect) {
                BOOST_TEST((sorted(collect(f)) == by_hand(kind, left, right, less_three)));
            });
        }
    }
}

BOOST_AUTO_TEST_CASE(one_key_for_all_gives_every_pair_of_both) {
    auto const zero = [](int) { return 0; };
    auto const f =
        flow::bounded_join(join_kind::inner, flow::from(std::views::iota(0, 300)), flow::from(std::views::iota(0, 400)),
                           zero, zero, [](int const&, int const&) { return 1; }, {.max_demand = 16}) |
        flow::partition({.stages = 1}) | flow::reduce(0L, [](long& sum, int one) { sum += one; });
    everywhere([&](collector const& collect) { BOOST_TEST(collect(f) == std::vector{120'000L}); });
}

BOOST_AUTO_TEST_CASE(sides_may_have_other_types_and_layers_and_be_move_only) {
    auto const names = flow::from(std::views::iota(0, 6)) | flow::map([](int i) {
                           return named{i, std::make_unique<std::string>("n" + std::to_string(i))};
                       });
    auto const visits = flow::from(std::vector<std::string>{"1 a", "5 b", "1 c", "9 d"}) | flow::shuffle({.stages = 2});
    auto const f = flow::bounded_join(
        join_kind::right, names, visits, [](named const& n) { return n.id; },
        [](std::string const& visit) { return std::stoi(visit); },
        [](std::optional<named> const& n, std::optional<std::string> const& visit) {
            return (n ? *n->name : "?") + visit->substr(1);
        });
    everywhere([&](collector const& collect) {
        BOOST_TEST((sorted(collect(f)) == std::vector<std::string>{"? d", "n1 a", "n1 c", "n5 b"}));
    });
}

BOOST_AUTO_TEST_CASE(a_key_that_lies_in_its_event_is_hashed_where_it_lies) {
    struct key {
        explicit key(int i) : value(i) {}
        key(key const&) = delete;
        int value;
    };
    struct hash_of {
        auto operator()(key const& k) const -> int { return k.value; }
    };
    auto const get = [](std::unique_ptr<key> const& k) -> key const& { return *k; };
    using side = std::unique_ptr<key>;
    sluice::detail::join_keys<side, side, decltype(get), decltype(get), hash_of> keys{get, get, {}};
    BOOST_TEST(keys(std::variant<side, side>(std::in_place_index<1>, std::make_unique<key>(7))) == 7u);
}

BOOST_AUTO_TEST_CASE(a_join_may_be_joined_again_and_reduced) {
    std::vector<int> const a{1, 2, 3}, b{2, 3, 4}, c{3, 4, 5};
    auto const inner = [](int l, int) { return l; };
    auto const ab = flow::bounded_join(join_kind::inner, flow::from(a), flow::from(b), same, same, inner);
    auto const abc = flow::bounded_join(join_kind::inner, ab, flow::from(c), same, same, inner);
    everywhere([&](collector const& collect) { BOOST_TEST(collect(abc) == std::vector{3}); });
    auto const picture = flow::describe(abc).mermaid();
    BOOST_TEST(picture.find("join") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_join_that_must_keep_too_much_fails_with_a_sentence) {
    std::vector<int> const few{1, 2, 3, 4};
    auto const f = flow::bounded_join(join_kind::inner, flow::from(few), flow::from(few), same, same, either,
                                      {.stages = 1, .max_buffered = 7});
    everywhere([&](collector const& collect) {
        try {
            collect(f);
            BOOST_ERROR("it did not fail");
        } catch (boost::system::system_error const& error) {
            BOOST_TEST((error.code() == sluice::errc::join_full));
            BOOST_TEST(std::string(error.what()).find("max_buffered is 7") != std::string::npos);
        }
    });
    auto const enough = flow::bounded_join(join_kind::inner, flow::from(few), flow::from(few), same, same, either,
                                           {.stages = 1, .max_buffered = 8});
    everywhere([&](collector const& collect) { BOOST_TEST(collect(enough).size() == 4u); });
}

BOOST_AUTO_TEST_CASE(what_key_functions_and_the_function_throw_ends_the_flow) {
    std::vector<int> const few{1, 2, 3, 4};
    auto const bad = [](int i) -> int { return i == 3 ? throw std::runtime_error("no key") : i; };
    auto const f = flow::bounded_join(join_kind::inner, flow::from(few), flow::from(few), same, bad, either);
    fails_with(f, "no key");
    auto const throws = [](int, int) -> int { throw std::runtime_error("no pair"); };
    auto const g = flow::bounded_join(join_kind::inner, flow::from(few), flow::from(few), same, same, throws);
    fails_with(g, "no pair");
}

BOOST_AUTO_TEST_CASE(options_and_kinds_are_checked) {
    std::vector<int> const few{1};
    auto const said = [&](join_kind kind, flow::join_options const& options, auto fn) -> std::string {
        try {
            flow::bounded_join(kind, flow::from(few), flow::from(few), same, same, fn, options);
        } catch (boost::system::system_error const& error) {
            return error.what();
        }
        return "nothing";
    };
    BOOST_TEST(said(join_kind::full, {.max_buffered = 0}, either).find("join_options::max_buffered must be") == 0u);
    BOOST_TEST(said(join_kind::full, {.stages = 0}, either).find("join_options::stages must be 1 to 4096") == 0u);
    auto const values = [](int l, int) { return l; };
    BOOST_TEST(said(join_kind::left, {}, values).find("needs a function of two optionals") != std::string::npos);
    BOOST_TEST(said(join_kind::inner, {}, values) == "nothing");
}

BOOST_AUTO_TEST_SUITE_END()
