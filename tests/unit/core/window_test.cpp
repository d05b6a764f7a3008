#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <sluice/core/window.hpp>
#include <sluice/core/window_grid.hpp>
#include <sluice/core/window_options.hpp>
#include <string>

using namespace sluice::core;
using namespace std::chrono_literals;

namespace {

auto refusal(std::function<void()> const& call) -> std::string {
    try {
        call();
    } catch (boost::system::system_error const& error) {
        return error.what();
    }
    return "nothing";
}

template <class Options>
void refuses(Options const& options, std::string const& sentence) {
    const auto said = refusal([&] { validate(options); });
    BOOST_TEST(said.find(sentence) != std::string::npos, said);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_window)

BOOST_AUTO_TEST_CASE(lies_where_its_size_slide_and_origin_say_before_the_epoch_too) {
    for (ticks size = 1; size <= 12; ++size) {
        for (ticks slide = 1; slide <= size; ++slide) {
            for (const ticks origin : {-13, -1, 0, 1, 5, 30}) {
                const auto grid = window_grid({.size = size, .slide = slide, .origin = origin});
                for (ticks time = -40; time <= 40; ++time) {
                    auto found = 0;
                    for (auto k = grid.first(time); k <= grid.last(time); ++k, ++found)
                        BOOST_REQUIRE(grid.span(k).contains(time));
                    BOOST_REQUIRE(!grid.span(grid.first(time) - 1).contains(time));
                    BOOST_REQUIRE(!grid.span(grid.last(time) + 1).contains(time));
                    BOOST_REQUIRE(found >= size / slide);
                    BOOST_REQUIRE((grid.span(0).start - origin) % slide == 0);
                    const auto ahead = grid.first_ahead(time);
                    BOOST_REQUIRE(grid.end(ahead) > time && grid.end(ahead - 1) <= time);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(is_right_at_both_ends_of_time) {
    const auto grid = window_grid({.size = greatest_length, .slide = 7, .origin = greatest_length});
    for (const auto time : {least_time, greatest_time}) {
        BOOST_TEST(grid.span(grid.first(time)).contains(time));
        BOOST_TEST(grid.span(grid.last(time)).contains(time));
    }
}

BOOST_AUTO_TEST_CASE(is_fixed_unless_it_slides) {
    BOOST_TEST(window_grid({.size = 5}).is_fixed());
    BOOST_TEST(window_grid({.size = 5, .slide = 5}).is_fixed());
    BOOST_CHECK(window_grid({.size = 5, .slide = 2}).kind() == window_kind::sliding);
}

BOOST_AUTO_TEST_CASE(and_its_trigger_have_names) {
    BOOST_TEST(to_string(window_id{}) == "global");
    BOOST_TEST(to_string(window_id{window_kind::count, 3}) == "count 3");
    BOOST_TEST(to_string(window_id{window_kind::fixed, -1000}) == "fixed -1000");
    BOOST_TEST(to_string(trigger_name::done()) == "done");
    BOOST_TEST(to_string(trigger_name::of(window_phase::watermark)) == "watermark");
    BOOST_TEST(to_string(trigger_name::every(12)) == "every 12");
    BOOST_TEST(to_string(trigger_name::periodically(100ms)) == "periodically 100 ms");
    BOOST_TEST(to_string(trigger_name::periodically(std::chrono::days(1))) == "periodically 86400000000000 ns");
    BOOST_TEST(to_string(trigger_name::named("sample")) == "sample");
    BOOST_CHECK(trigger_name::every(12) != trigger_name::every(13));
    BOOST_CHECK(trigger_name::named("done") != trigger_name::done());
    BOOST_CHECK((window_id{window_kind::count, 3} < window_id{window_kind::fixed, 2}));
}

BOOST_AUTO_TEST_CASE(has_options_that_are_checked) {
    refuses(window_options{}, "window_options::size must be at least 1 and at most");
    refuses(window_options{.size = greatest_length + 1}, "(got 1152921504606846976)");
    refuses(window_options{.size = 10, .slide = 11},
            "window_options::slide must be at least 0 and at most size, 10 ticks (got 11)");
    refuses(window_options{.size = 10, .slide = -1}, "(got -1)");
    refuses(window_options{.size = 10, .origin = INT64_MIN}, "window_options::origin must be");
    refuses(window_options{.size = 10, .lateness = -1}, "window_options::lateness must be at least 0");
    refuses(window_options{.size = 10, .late_for = 0s}, "window_options::late_for must be more than 0 (got 0 ns)");
    refuses(session_options{}, "session_options::gap must be at least 1");
    refuses(session_options{.gap = 1, .lateness = -5}, "session_options::lateness must be at least 0");
    refuses(session_options{.gap = 1, .late_for = -1ns}, "session_options::late_for must be more than 0 (got -1 ns)");
    refuses(watermark_options{.idle_timeout = 0s}, "watermark_options::idle_timeout must be more than 0 (got 0 ns)");
}

BOOST_AUTO_TEST_SUITE_END()
