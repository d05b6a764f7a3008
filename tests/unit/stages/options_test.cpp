#include <boost/system/error_code.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <limits>
#include <set>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>

BOOST_AUTO_TEST_SUITE(options)

namespace {

using sluice::end_kind;
using sluice::end_reason;
using sluice::errc;
using sluice::subscribe_options;

struct refused {
    subscribe_options options;
    char const* sentence;
    friend auto operator<<(std::ostream& out, refused const& r) -> std::ostream& { return out << r.sentence; }
};

std::vector<refused> const bad_options{
    {{.max_demand = 0}, "subscribe_options::max_demand must be at least 1 (got 0)"},
    {{.max_demand = 0, .min_demand = 0}, "subscribe_options::max_demand must be at least 1 (got 0)"},
    {{.max_demand = 1000, .min_demand = 2000},
     "subscribe_options::min_demand must be less than max_demand (got 2000, 1000)"},
    {{.max_demand = 1, .min_demand = 1}, "subscribe_options::min_demand must be less than max_demand (got 1, 1)"},
    {{.max_demand = std::numeric_limits<std::size_t>::max()},
     "subscribe_options::max_demand must be at most 9223372036854775807 (got 18446744073709551615)"},
    {{.max_demand = std::size_t{1} << 63},
     "subscribe_options::max_demand must be at most 9223372036854775807 (got 9223372036854775808)"},
    {{.adaptive = {.target_latency = std::chrono::nanoseconds(-1)}},
     "subscribe_options::adaptive.target_latency must be at least 0 (got -1 ns)"},
    {{.demand_mode = sluice::demand_mode::manual, .adaptive = {.target_latency = std::chrono::nanoseconds(1)}},
     "subscribe_options::adaptive must not be given when demand_mode is manual: it is for the runtime's asks"},
    {{.adaptive = {.target_latency = std::chrono::nanoseconds(1), .least_demand = 0}},
     "subscribe_options::adaptive.least_demand must be at least 1 and at most max_demand (got 0, 1000)"},
    {{.max_demand = 5, .adaptive = {.target_latency = std::chrono::nanoseconds(1), .least_demand = 6}},
     "subscribe_options::adaptive.least_demand must be at least 1 and at most max_demand (got 6, 5)"},
    {{.max_demand = 0, .adaptive = {.target_latency = std::chrono::nanoseconds(1)}},
     "subscribe_options::max_demand must be at least 1 (got 0)"},
};

std::vector<subscribe_options> const good_options{
    {},
    {.max_demand = 1},
    {.max_demand = 1, .min_demand = 0},
    {.max_demand = 2, .min_demand = 1},
    {.max_demand = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max())},
    {.max_demand = 0, .demand_mode = sluice::demand_mode::manual},
    {.adaptive = {.target_latency = std::chrono::nanoseconds(1)}},
    {.max_demand = 7, .adaptive = {.target_latency = std::chrono::hours(1), .least_demand = 7}},
    {.adaptive = {.least_demand = 0}},
};

auto what(std::exception_ptr const& error) -> std::string {
    try {
        if (error) std::rethrow_exception(error);
    } catch (std::exception const& e) {
        return e.what();
    }
    return "";
}

}  // namespace

BOOST_DATA_TEST_CASE(what_is_out_of_range_is_refused_with_a_sentence, boost::unit_test::data::make(bad_options), each) {
    try {
        sluice::validate(each.options);
        BOOST_ERROR("it was accepted");
    } catch (boost::system::system_error const& error) {
        BOOST_TEST((error.code() == errc::invalid_option));
        BOOST_TEST(std::string(error.what()).find(each.sentence) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(what_is_in_range_is_accepted) {
    for (auto const& each : good_options) BOOST_CHECK_NO_THROW(sluice::validate(each));
}

BOOST_AUTO_TEST_CASE(the_defaults_are_those_of_genstage_but_for_the_cancel_mode) {
    subscribe_options const defaults;
    BOOST_TEST(defaults.max_demand == 1000u);
    BOOST_TEST(defaults.min() == 500u);
    BOOST_TEST((defaults.cancel == sluice::cancel_mode::transient));
    BOOST_TEST((defaults.demand_mode == sluice::demand_mode::automatic));
    BOOST_TEST((subscribe_options{.max_demand = 5}.min()) == 2u);
    BOOST_TEST((subscribe_options{.max_demand = 5, .min_demand = 0}.min()) == 0u);
    BOOST_TEST(sluice::outlet_options{}.buffer_size == 10'000u);
    BOOST_TEST((sluice::outlet_options{}.buffer_keep == sluice::buffer_keep::last));
    BOOST_TEST((sluice::outlet_options{}.on_last_cancel == sluice::on_last_cancel::stop));
    BOOST_TEST(!sluice::inlet_options{}.stay_open);
}

BOOST_AUTO_TEST_CASE(a_pool_needs_a_thread_and_not_too_many) {
    for (std::size_t bad : {std::size_t{0}, std::size_t{4097}}) {
        try {
            sluice::thread_pool const pool(bad);
            BOOST_ERROR("it was accepted");
        } catch (boost::system::system_error const& error) {
            BOOST_TEST((error.code() == errc::invalid_option));
            BOOST_TEST(std::string(error.what()).find(std::to_string(bad)) != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_error_has_a_sentence_of_its_own) {
    std::set<std::string> sentences;
    for (int value = static_cast<int>(errc::end_of_stream); value <= static_cast<int>(errc::abandoned); ++value) {
        boost::system::error_code const code = static_cast<errc>(value);
        BOOST_TEST(&code.category() == &sluice::sluice_category());
        BOOST_TEST(code.failed());
        auto const sentence = code.message();
        BOOST_TEST(sentence.size() > 20u);
        BOOST_TEST(sentence.find("unknown") == std::string::npos);
        BOOST_TEST(sentences.insert(sentence).second);
    }
    BOOST_TEST(sluice::sluice_category().name() == std::string("sluice"));
    BOOST_TEST(sluice::sluice_category().message(999) == "unknown sluice error 999");
}

BOOST_AUTO_TEST_CASE(a_reason_says_what_it_is_and_what_a_consumer_sees_of_it) {
    auto const oops = std::make_exception_ptr(std::runtime_error("oops"));
    BOOST_TEST(end_reason().is_normal());
    BOOST_TEST(end_reason().describe() == "normal");
    BOOST_TEST(!end_reason().as_exception());
    BOOST_TEST(end_reason::shutdown().describe() == "shutdown");
    BOOST_TEST(!end_reason::shutdown().as_exception());
    BOOST_TEST(!end_reason::shutdown().is_normal());
    BOOST_TEST(end_reason::cancelled().describe() == "cancelled");
    BOOST_TEST(what(end_reason::cancelled().as_exception()).find("canceled") != std::string::npos);
    BOOST_TEST(end_reason(oops).describe() == "failed: oops");
    BOOST_TEST((end_reason(oops).kind() == end_kind::failed));
    BOOST_TEST(what(end_reason(oops).as_exception()) == "oops");
    BOOST_TEST(what(end_reason(oops).error()) == "oops");
    BOOST_TEST(end_reason(std::make_exception_ptr(42)).describe() ==
               "failed: an exception that is not a std::exception");
    BOOST_TEST(end_reason(std::exception_ptr()).is_normal());
    BOOST_TEST(end_reason(end_kind::already_subscribed).describe() == "already subscribed");
    BOOST_TEST(!end_reason(end_kind::already_subscribed).as_exception());
    BOOST_TEST(end_reason(end_kind::unknown_producer).describe() == "no such producer");
    BOOST_TEST(!what(end_reason(end_kind::unknown_producer).as_exception()).empty());
}

BOOST_AUTO_TEST_CASE(a_failure_without_its_exception_can_be_described) {
    BOOST_TEST(!end_reason(end_kind::failed).describe().empty());
}

BOOST_AUTO_TEST_CASE(every_way_to_lose_events_has_words) {
    using sluice::discard_reason;
    std::set<std::string> words;
    for (auto each : {discard_reason::buffer_full, discard_reason::no_consumers, discard_reason::cancelled,
                      discard_reason::stage_ended, discard_reason::failed}) {
        BOOST_TEST(words.insert(to_string(each)).second);
    }
    BOOST_TEST(!words.contains("unknown"));
}

BOOST_AUTO_TEST_CASE(options_of_a_subscription_are_equal_if_each_of_them_is) {
    BOOST_TEST((sluice::subscribe_options{.min_demand = 5} == sluice::subscribe_options{.min_demand = 5}));
    BOOST_TEST((sluice::subscribe_options{} != sluice::subscribe_options{.redeliver = true}));
    BOOST_TEST((sluice::subscribe_options{} != sluice::subscribe_options{.adaptive = {.least_demand = 2}}));
}

BOOST_AUTO_TEST_SUITE_END()
