#include <stdlib.h>

#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <sluice/csv.hpp>
#include <sluice/errc.hpp>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(csv)

using sluice::csv_options;
using sluice::csv_reader;
using sluice::csv_row;

namespace {

using fields = std::vector<std::string>;
using table = std::vector<fields>;

auto fields_of(csv_row const& row) {
    fields all;
    for (std::size_t i = 0; i < row.size(); ++i) all.push_back(row[i].str());
    return all;
}

auto rows_of(std::string const& text, csv_options const& options = {}, std::size_t at_once = 1000) {
    std::istringstream in(text);
    csv_reader reader(in, options);
    std::vector<csv_row> rows;
    while (reader.read(rows, at_once)) {}
    return rows;
}

auto table_of(std::string const& text, csv_options const& options = {}) {
    table all;
    for (auto const& row : rows_of(text, options)) all.push_back(fields_of(row));
    return all;
}

/// What is wrong with a table.
auto error_of(std::string const& text, csv_options const& options = {}) -> std::string {
    try {
        rows_of(text, options);
    } catch (sluice::csv_error const& error) {
        return error.what();
    }
    return "nothing";
}

/// A buffer that has so many bytes at a time, and does not say how many more there are.
class in_pieces : public std::streambuf {
public:
    in_pieces(std::string text, std::size_t size) : text_(std::move(text)), size_(size) {}

private:
    auto underflow() -> int_type override {
        if (at_ == text_.size()) return traits_type::eof();
        auto const n = std::min(size_, text_.size() - at_);
        setg(text_.data() + at_, text_.data() + at_, text_.data() + at_ + n);
        at_ += n;
        return traits_type::to_int_type(*gptr());
    }
    std::string text_;
    std::size_t size_;
    std::size_t at_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(fields_are_found_by_the_names_of_their_columns_and_by_number) {
    auto const rows = rows_of("id,name\n1,Ada\n2,Bob\n");
    BOOST_REQUIRE(rows.size() == 2u);
    BOOST_TEST(rows[0].at("name") == "Ada");
    BOOST_TEST(rows[1][0] == "2");
    BOOST_TEST(rows[1].as<int>("id") == 2);
    BOOST_TEST(rows[1].as<long>(0) == 2);
    BOOST_TEST(rows[0].find("name").value() == "Ada");
    BOOST_TEST(!rows[0].find("price"));
    BOOST_TEST((rows[0].columns() == (fields{"id", "name"})));
    BOOST_TEST(rows[1].line() == 3u);
    BOOST_TEST(rows[1].size() == 2u);
}

BOOST_AUTO_TEST_CASE(quoted_fields_may_hold_delimiters_quotes_and_newlines) {
    BOOST_TEST((table_of("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",\"\"\n") ==
                (table{{"x,y", "say \"hi\""}, {"two\r\nlines", ""}})));
}

BOOST_AUTO_TEST_CASE(rows_end_at_any_newline_and_at_the_end) {
    table const both{{"1", "2"}, {"3", "4"}};
    BOOST_TEST((table_of("a,b\n1,2\n3,4") == both));
    BOOST_TEST((table_of("a,b\r\n1,2\r\n3,4\r\n") == both));
    BOOST_TEST((table_of("a,b\r1,2\r3,4\r") == both));
    BOOST_TEST((table_of("\n\na,b\n\n1,2\n\r\n\n3,4\n\n") == both));  // empty lines are no rows
    BOOST_TEST((table_of("a\n\"1\n\n2\"\n") == (table{{"1\n\n2"}})));
}

BOOST_AUTO_TEST_CASE(spaces_and_zero_bytes_and_any_other_bytes_belong_to_the_field) {
    auto const zero = std::string("x\0y", 3);
    BOOST_TEST((table_of("a,b\n 1 ,\t2\n" + zero + ",\xff\xfe\n") == (table{{" 1 ", "\t2"}, {zero, "\xff\xfe"}})));
}

BOOST_AUTO_TEST_CASE(no_bytes_and_a_header_alone_are_no_rows) {
    BOOST_TEST(table_of("").empty());
    BOOST_TEST(table_of("\xEF\xBB\xBF").empty());
    BOOST_TEST(table_of("\n\r\n").empty());
    BOOST_TEST(table_of("a,b").empty());
    BOOST_TEST(table_of("a,b\n").empty());
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_no_part_of_the_first_column) {
    BOOST_TEST(rows_of("\xEF\xBB\xBFid,x\n1,2\n").at(0).at("id") == "1");
    BOOST_TEST(rows_of("\xEF\xBB\xBF\"id\",x\n1,2\n").at(0).at("id") == "1");
    BOOST_TEST(rows_of("\xEF\xBBid,x\n1,2\n").at(0).at("\xEF\xBBid") == "1");
    BOOST_TEST(rows_of("\xEF", {.has_header = false}).at(0)[0] == "\xEF");
}

BOOST_AUTO_TEST_CASE(a_table_may_have_no_header_and_other_marks) {
    BOOST_TEST((table_of("1;'a;b'\n2;c\n", {.delimiter = ';', .quote = '\'', .has_header = false}) ==
                (table{{"1", "a;b"}, {"2", "c"}})));
    auto const rows = rows_of("1\t2\n", {.delimiter = '\t', .has_header = false});
    BOOST_TEST(rows.at(0).columns().empty());
    BOOST_CHECK_EXCEPTION(rows.at(0).at("id"), sluice::csv_error, [](auto const& e) {
        return std::string(e.what()) == "stream:1: there is no column 'id'; columns have no names here";
    });
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_table_is_told_with_its_place) {
    BOOST_TEST(error_of("a,b\n1,2\n3\n") ==
               "stream:3: the row has 1 field instead of 2; column 'b' is the first that is missing");
    BOOST_TEST(error_of("a,b\n\"1\n1\",2\n1,2,3\n") == "stream:4: the row has 3 fields instead of 2");
    BOOST_TEST(error_of("1,2\n3\n", {.has_header = false}) == "stream:2: the row has 1 field instead of 2");
    BOOST_TEST(error_of("a,b,a\n") == "stream:1: two columns are called 'a'");
    BOOST_TEST(error_of("a,b\n1,x\"y\n") == "stream:2:4: a quote in a field that does not begin with one");
    BOOST_TEST(error_of("a,b\n1,\"x\"y\n") == "stream:2:6: text behind the quote that closes a field");
    BOOST_TEST(error_of("a,b\n1,2\n3,\"4\n5,6\n") == "stream:3: the row that begins here ends inside a quoted field");
    BOOST_TEST(error_of("a\n" + std::string(11, 'x') + "\n", {.max_row = 10}) ==
               "stream:2: the row that begins here is longer than csv_options::max_row allows (10 bytes); is a quote "
               "not closed?");
    BOOST_TEST(error_of("a\n" + std::string(10, 'x') + "\n", {.max_row = 10}) == "nothing");
}

BOOST_AUTO_TEST_CASE(a_quote_that_nothing_closes_does_not_bring_the_file_into_memory) {
    std::string text = "a,b\n1,\"";
    for (int i = 0; i < 100'000; ++i) text += "1,2\n";
    BOOST_TEST(error_of(text, {.max_row = 100'000}).starts_with("stream:2: the row that begins here is longer"));
}

BOOST_AUTO_TEST_CASE(rows_before_an_error_come_first_and_the_error_stays) {
    std::istringstream in("a,b\n1,2\n3,4\n5\n6,7\n");
    csv_reader reader(in);
    std::vector<csv_row> rows;
    BOOST_TEST(reader.read(rows, 1000));
    BOOST_TEST(rows.size() == 2u);
    BOOST_CHECK_THROW(reader.read(rows, 1000), sluice::csv_error);
    BOOST_CHECK_EXCEPTION(reader.read(rows, 1000), sluice::csv_error, [](auto const& e) { return e.line() == 4; });
    BOOST_TEST(rows.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_table_that_may_be_ragged_or_sloppy_is_taken_as_it_is) {
    auto const rows = rows_of("a,b\n1\n1,2,3\n", {.is_ragged = true});
    BOOST_REQUIRE(rows.size() == 2u);
    BOOST_TEST(!rows[0].find("b"));
    BOOST_CHECK_EXCEPTION(rows[0].at("b"), sluice::csv_error, [](auto const& e) {
        return std::string(e.what()) == "stream:2: there is no field for column 'b'; the row has 1";
    });
    BOOST_TEST(rows[1].at(2) == "3");
    BOOST_CHECK_THROW(rows[1].at(3), sluice::csv_error);
    BOOST_TEST((table_of("a,b\n1,x\"y\n\"p\"q\",\"r", {.is_strict = false}) == (table{{"1", "x\"y"}, {"p\"q", "r"}})));
}

BOOST_AUTO_TEST_CASE(a_field_that_is_no_number_is_told_with_its_place) {
    auto const row = rows_of("id,price,many\n1,abc,99999999999\n").at(0);
    auto const says = [&](auto const& get) -> std::string {
        try {
            get();
        } catch (sluice::csv_error const& error) {
            return error.what();
        }
        return "nothing";
    };
    BOOST_TEST(says([&] { row.as<double>("price"); }) == "stream:2: column 'price': 'abc' is not a number");
    BOOST_TEST(says([&] { row.as<int>("many"); }) == "stream:2: column 'many': '99999999999' is out of range");
    BOOST_TEST(says([&] { row.as<int>(1); }) == "stream:2: column 'price': 'abc' is not a number");
    BOOST_TEST(says([&] { row.as<int>("x"); }) == "stream:2: there is no column 'x'; there are 'id', 'price', 'many'");
    auto const others = rows_of("a,b,c,d\n-2.5e3,1,7,12 \n").at(0);
    BOOST_TEST(others.as<double>("a") == -2500.0);
    BOOST_TEST(others.as<bool>("b"));
    BOOST_TEST(says([&] { others.as<bool>("c"); }) == "stream:2: column 'c': '7' is not 0 or 1");
    BOOST_TEST(says([&] { others.as<int>("d"); }) == "stream:2: column 'd': '12 ' is not a number");
    BOOST_TEST(says([&] { others.as<unsigned>("a"); }) == "stream:2: column 'a': '-2.5e3' is not a number");
}

BOOST_AUTO_TEST_CASE(messages_show_no_control_bytes_and_no_long_fields) {
    auto const row = rows_of("a\n\"" + std::string(100, 'x') + "\"\n\"\x1b[31m\"\n");
    auto const text_of = [](csv_row const& each) -> std::string {
        try {
            return std::to_string(each.as<int>("a"));
        } catch (sluice::csv_error const& error) {
            return error.what();
        }
    };
    BOOST_TEST(text_of(row.at(0)) == "stream:2: column 'a': '" + std::string(40, 'x') + "...' is not a number");
    BOOST_TEST(text_of(row.at(1)) == "stream:3: column 'a': '?[31m' is not a number");
}

BOOST_AUTO_TEST_CASE(options_that_are_wrong_are_refused_with_a_sentence) {
    auto const refusal = [](csv_options const& options) -> std::string {
        try {
            csv_reader const reader(options);
        } catch (boost::system::system_error const& error) {
            BOOST_TEST((error.code() == sluice::errc::invalid_option));
            std::string const what = error.what();
            return what.substr(0, what.find(" [sluice"));
        }
        return "nothing";
    };
    BOOST_TEST(refusal({.delimiter = '\n'}).starts_with("csv_options::delimiter must not be a newline"));
    BOOST_TEST(refusal({.quote = '\r'}).starts_with("csv_options::quote must not be a newline"));
    BOOST_TEST(refusal({.quote = ','}).starts_with("csv_options::quote must differ from delimiter (got ',' for both)"));
    BOOST_TEST(
        refusal({.max_row = 0}).starts_with("csv_options::max_row must be at least 1 and at most 4294967295 (got 0)"));
    BOOST_TEST(refusal({.max_row = std::size_t{1} << 32}).starts_with("csv_options::max_row must be"));
    BOOST_TEST(refusal({}) == "nothing");
}

BOOST_AUTO_TEST_CASE(rows_are_the_same_however_the_bytes_come) {
    std::mt19937 random(7);
    auto const below = [&](unsigned n) { return static_cast<std::size_t>(random() % n); };
    for (int round = 0; round < 60; ++round) {
        table expected;
        std::string text = "\xEF\xBB\xBF";
        auto const columns = 1 + below(4);
        auto const rows = below(300);
        for (std::size_t r = 0; r <= rows; ++r) {
            fields row;
            for (std::size_t c = 0; c < columns; ++c) {
                std::string field = r == 0 ? "c" + std::to_string(c) : "";
                bool const is_quoted = below(2) == 0 || (columns == 1 && r != 0);  // an empty line would be no row
                auto const size = below(20) == 0 ? below(5000) : below(30);
                static constexpr std::string_view plain = "abc xyz0123", any = "ab,\"\n\r \t";
                for (std::size_t i = 0; r != 0 && i < size; ++i) {
                    field += is_quoted ? any[below(static_cast<unsigned>(any.size()))]
                                       : plain[below(static_cast<unsigned>(plain.size()))];
                }
                if (c != 0) text += ',';
                if (is_quoted) {
                    text += '"';
                    for (char const ch : field) text += ch == '"' ? std::string("\"\"") : std::string(1, ch);
                    text += '"';
                } else {
                    text += field;
                }
                row.push_back(std::move(field));
            }
            text += below(2) == 0 ? "\n" : "\r\n";
            if (r != 0) expected.push_back(std::move(row));
        }
        in_pieces buffer(text, 1 + below(3) * below(5000));
        std::istream in(&buffer);
        csv_reader reader(in);
        std::vector<csv_row> got;
        while (reader.read(got, 1 + below(20))) {}
        table all;
        for (auto const& row : got) all.push_back(fields_of(row));
        BOOST_REQUIRE(all == expected);
    }
}

BOOST_AUTO_TEST_CASE(random_bytes_are_rows_or_an_error_and_nothing_else) {
    std::mt19937 random(11);
    std::size_t errors = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        auto const size = random() % 60;
        for (unsigned i = 0; i < size; ++i) text += "a,\"\n\r \0\xEF"[random() % 8];
        bool const is_strict = random() % 2 == 0;
        try {
            rows_of(text, {.has_header = random() % 2 == 0, .is_ragged = true, .is_strict = is_strict}, 3);
        } catch (sluice::csv_error const&) {
            ++errors;
        }
    }
    BOOST_TEST(errors > 0u);
}

BOOST_AUTO_TEST_CASE(a_reader_goes_on_with_another_file_and_is_moved) {
    auto pattern = (std::filesystem::temp_directory_path() / "sluice-csv-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    std::filesystem::path const folder = pattern;
    std::ofstream(folder / "one.csv") << "a,b\n1,2\n\"3";
    std::ofstream(folder / "two.csv") << "x\n7\n8\n";
    std::vector<csv_row> rows;
    csv_reader reader(folder / "one.csv");
    BOOST_TEST(reader.read(rows, 1000));
    BOOST_CHECK_EXCEPTION(reader.read(rows, 1), sluice::csv_error, [&](auto const& e) {
        return std::string(e.what()) ==
               (folder / "one.csv").string() + ":3: the row that begins here ends inside a quoted field";
    });
    reader.open(folder / "two.csv");
    csv_reader other(std::move(reader));
    BOOST_TEST(other.read(rows, 1));
    BOOST_TEST(rows.back().at("x") == "7");
    BOOST_TEST(rows.front().at("b") == "2");  // it keeps its own header
    BOOST_CHECK_EXCEPTION(other.open(folder / "three.csv"), std::system_error,
                          [](auto const& e) { return std::string(e.what()).find("three.csv") != std::string::npos; });
    BOOST_CHECK_THROW(csv_reader{folder / "none"}, std::system_error);
    std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
