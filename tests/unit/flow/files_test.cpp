// Folders of files, and tables.
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sluice/csv.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_files)

using namespace flow_test;
namespace fs = std::filesystem;

namespace {

/// A folder that goes when the test ends.
struct folder {
    folder() {
        auto pattern = (fs::temp_directory_path() / "sluice-files-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    folder(folder const&) = delete;
    auto operator=(folder const&) -> folder& = delete;
    ~folder() { fs::remove_all(path); }

    auto write(std::string const& name, std::string const& text) const -> fs::path {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary) << text;
        return path / name;
    }

    fs::path path;
};

template <class Lines>
auto strings(Lines const& lines) {
    std::multiset<std::string> all;
    for (auto const& each : lines) all.insert(each.str());
    return all;
}
using set = std::multiset<std::string>;

struct order {
    int id;
    std::string customer;
    double price;
};
auto order_of(sluice::csv_row const& row) {
    return order{row.as<int>("id"), row.at("customer").str(), row.as<double>("price")};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_folder_stands_for_the_files_in_it) {
    folder const dir;
    dir.write("b", "b\n");
    dir.write("a", "a\n");
    dir.write(".hidden", "hidden\n");
    dir.write("deep/er/c", "c\n");
    dir.write(".git/d", "d\n");
    auto const flat = flow::from_lines(dir.path);
    auto const all = flow::from_lines(dir.path, {}, {.is_recursive = true});
    auto const hidden = flow::from_lines(dir.path, {}, {.is_recursive = true, .with_hidden = true});
    auto const mixed = flow::from_lines(std::vector{dir.path / "deep/er", dir.path / "a"});
    everywhere([&](auto const& collect) {
        BOOST_TEST((strings(collect(flat)) == set{"a", "b"}));
        BOOST_TEST((strings(collect(all)) == set{"a", "b", "c"}));
        BOOST_TEST((strings(collect(hidden)) == set{"a", "b", "c", "hidden", "d"}));
        BOOST_TEST((strings(collect(mixed)) == set{"a", "c"}));
    });
    auto const name = dir.path.filename().string();
    BOOST_TEST(flow::describe(all).text() == "1. from_lines(" + name + ": 3 files)  1 stage a thread\n");
}

BOOST_AUTO_TEST_CASE(the_files_of_a_folder_are_those_that_are_there_when_a_run_begins) {
    folder const dir;
    auto const f = flow::from_lines(dir.path);
    BOOST_TEST(collect_here(f).empty());
    dir.write("late", "x\ny\n");
    BOOST_TEST(collect_here(f).size() == 2u);
}

BOOST_AUTO_TEST_CASE(one_stage_reads_the_files_of_a_folder_in_the_order_of_their_names) {
    folder const dir;
    for (auto const* const name : {"3", "1", "2/b", "2/a", "10"}) dir.write(name, std::string(name) + "\n");
    auto const f = flow::from_lines(dir.path, {}, {.is_recursive = true});
    sluice::thread_pool pool(1);
    std::vector<std::string> all;
    for (auto const& line : flow::collect(f, pool)) all.push_back(line.str());
    BOOST_TEST(all == (std::vector<std::string>{"1", "10", "2/a", "2/b", "3"}));
}

BOOST_AUTO_TEST_CASE(links_and_what_is_no_file_are_left_out_of_a_folder_and_no_circle_is_walked) {
    folder const dir;
    dir.write("in/a", "a\n");
    fs::create_directory_symlink(dir.path, dir.path / "in/circle");
    fs::create_symlink(dir.path / "in/a", dir.path / "in/again");
    BOOST_REQUIRE(::mkfifo((dir.path / "in/pipe").c_str(), 0600) == 0);
    auto const f = flow::from_lines(dir.path, {}, {.is_recursive = true});
    auto const named = flow::from_lines(dir.path / "in/again");  // a link that is named is followed
    everywhere([&](auto const& collect) {
        BOOST_TEST((strings(collect(f)) == set{"a"}));
        BOOST_TEST((strings(collect(named)) == set{"a"}));
    });
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_read_ends_the_flow_with_its_name) {
    folder const dir;
    dir.write("in/a", "a\n");
    dir.write("b", "b\n");
    fs::permissions(dir.path / "in", fs::perms::none);
    auto const f = flow::from_lines(dir.path, {}, {.is_recursive = true});
    auto const missing = flow::from_lines(dir.path / "nowhere");
    auto const says = [](std::string const& what) {
        return [what](auto const& e) { return std::string(e.what()).find(what) != std::string::npos; };
    };
    everywhere([&](auto const& collect) {
        if (::geteuid() != 0) {  // who may read everything does
            BOOST_CHECK_EXCEPTION(collect(f), std::system_error, says("cannot read the folder '"));
        }
        BOOST_CHECK_EXCEPTION(collect(missing), std::system_error, says("nowhere"));
    });
    fs::permissions(dir.path / "in", fs::perms::owner_all);
}

BOOST_AUTO_TEST_CASE(a_table_becomes_what_a_function_makes_of_its_rows) {
    folder const dir;
    auto const path = dir.write("orders.csv", "id,customer,price\n1,Ada,2.5\n2,\"Bob, the\nother\",1e3\n");
    auto const f = flow::from_csv(path) | flow::map(order_of);
    everywhere_in_many_orders([&](auto const& collect) {
        auto const orders = collect(f);
        BOOST_REQUIRE(orders.size() == 2u);
        BOOST_TEST(orders[0].price == 2.5);
        BOOST_TEST(orders[1].id == 2);
        BOOST_TEST(orders[1].customer == "Bob, the\nother");
    });
    BOOST_TEST(flow::describe(f).text() == "1. from_csv(orders.csv) | map  1 stage\n");
}

BOOST_AUTO_TEST_CASE(a_long_table_comes_in_order_and_is_stopped_early) {
    folder const dir;
    std::string text = "n\n";
    for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + "\n";
    auto const path = dir.write("numbers.csv", text);
    auto const all = flow::from_csv(path) | flow::map([](sluice::csv_row const& row) { return row.as<int>("n"); });
    auto const some = all | flow::take(700);
    everywhere([&](auto const& collect) {
        auto const numbers = collect(all);
        BOOST_TEST(numbers.size() == 50'000u);
        for (std::size_t i = 0; i < numbers.size(); ++i) BOOST_REQUIRE(numbers[i] == static_cast<int>(i));
        BOOST_TEST(collect(some).size() == 700u);
    });
}

BOOST_AUTO_TEST_CASE(several_tables_have_a_header_each_and_need_not_be_alike) {
    folder const dir;
    dir.write("tables/1.csv", "n,x\n1,a\n2,b\n");
    dir.write("tables/2.csv", "y,n\nz,3\n");
    dir.write("tables/3.csv", "");
    auto const number = [](sluice::csv_row const& row) { return row.as<int>("n"); };
    auto const f = flow::from_csv(dir.path / "tables") | flow::map(number);
    auto const g = flow::from_csv(std::vector{dir.path / "tables/2.csv"}) | flow::map(number);
    everywhere([&](auto const& collect) {
        BOOST_TEST(sorted(collect(f)) == (std::vector{1, 2, 3}));
        BOOST_TEST(collect(g) == std::vector{3});
    });
}

BOOST_AUTO_TEST_CASE(what_is_wrong_in_a_table_ends_the_flow_and_names_the_place) {
    folder const dir;
    auto const short_row = dir.write("short.csv", "id,customer,price\n1,Ada,2.5\n2,Bob\n");
    auto const bad_number = dir.write("number.csv", "id,customer,price\n1,Ada,free\n");
    auto const no_column = dir.write("column.csv", "id,price\n1,1\n");
    auto const one = flow::from_csv(short_row) | flow::map(order_of);
    auto const two = flow::from_csv(bad_number) | flow::map(order_of);
    auto const three = flow::from_csv(no_column) | flow::map(order_of);
    auto const missing = flow::from_csv(dir.path / "missing.csv");
    auto const fails = [](auto const& collect, auto& f) -> std::string {
        try {
            collect(f);
        } catch (std::exception const& error) {
            return error.what();
        }
        return "nothing";
    };
    everywhere([&](auto const& collect) {
        auto const ends_with = [&](auto& f, std::string const& what) {
            BOOST_TEST(fails(collect, f).find(what) != std::string::npos);
        };
        ends_with(one, "short.csv:3: the row has 2 fields instead of 3; column 'price' is the first that is missing");
        ends_with(two, "number.csv:2: column 'price': 'free' is not a number");
        ends_with(three, "column.csv:2: there is no column 'customer'; there are 'id', 'price'");
        ends_with(missing, "missing.csv");
    });
}

BOOST_AUTO_TEST_CASE(a_table_may_come_from_a_stream) {
    std::istringstream in("a;b\n1;2\n");
    auto const f = flow::from_csv(in, {.delimiter = ';'});
    auto const rows = collect_here(f);
    BOOST_REQUIRE(rows.size() == 1u);
    BOOST_TEST(rows[0].at("b") == "2");
    BOOST_TEST(flow::describe(f).text() == "1. from_csv(stream)  1 stage\n");
}

BOOST_AUTO_TEST_CASE(bad_options_of_a_table_are_told_at_once) {
    std::istringstream in("a\n");
    BOOST_CHECK_THROW(flow::from_csv(in, {.quote = ','}), boost::system::system_error);
    BOOST_CHECK_THROW(flow::from_csv("x.csv", {.max_row = 0}), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(rows_may_be_partitioned_by_a_column_and_outlive_their_file) {
    folder const dir;
    std::string text = "who,what\n";
    for (int i = 0; i < 3000; ++i) text += "user" + std::to_string(i % 7) + ",1\n";
    auto const path = dir.write("events.csv", text);
    auto const who = [](sluice::csv_row const& row) { return row.at("who"); };
    auto const f = flow::from_csv(path) | flow::partition({.stages = 3}, who) | flow::count_by(who);
    everywhere([&](auto const& collect) {
        auto const counts = collect(f);
        BOOST_TEST(counts.size() == 7u);
        for (auto const& [user, count] : counts) BOOST_TEST((count == 428u || count == 429u));
    });
}

BOOST_AUTO_TEST_SUITE_END()
