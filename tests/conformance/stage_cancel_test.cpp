// D.1 61, 62, 72 … 78, 86, 87, 90 … 95: what both sides hear of the end of a subscription, and who ends with it.
#include <stdexcept>

#include "helpers.hpp"

using namespace conformance;
using sluice::cancel_mode;
using sluice::end_reason;
using sluice::subscription;

namespace {

constexpr sluice::inlet_options open_inlet{.stay_open = true};
constexpr sluice::outlet_options open_outlet{.on_last_cancel = sluice::on_last_cancel::stay_open};

auto failed(char const* why) -> end_reason { return end_reason(std::make_exception_ptr(std::runtime_error(why))); }

/// Is killed by its first ask.
struct mortal {
    auto handle_demand(std::size_t) -> sluice::emission<int> { throw std::runtime_error("killed"); }
};

/// How the subscription ends.
enum class way { cancel_oops, cancel_normal, killed, stopped };

auto source_for(simulation& home, way how) -> sluice::producer<int> {
    if (how == way::killed) return {home, open_outlet, mortal{}};
    return {home, open_outlet, silent{}};
}

void bring_it_about(sluice::producer<int>& source, subscription const& over, way how) {
    if (how == way::cancel_oops) over.cancel(failed("oops"));
    if (how == way::cancel_normal) over.cancel();
    if (how == way::stopped) source.stop();
}

/// A consumer with this mode hears `heard`, and its run ends as `result`.
void a_consumer(cancel_mode mode, way how, std::string const& heard, std::string const& result) {
    in_many_orders([&](simulation& home) {
        batches got;
        journal said;
        subscription over;
        auto source = source_for(home, how);
        sluice::consumer<int> all{home, from(source, {.cancel = mode}), open_inlet, forwarder{&got, &said, &over}};
        outcome up, down;
        start(down, all);
        home.run();
        start(up, source);
        home.run();
        bring_it_about(source, over, how);
        home.run();
        expect_equal(said, journal{"consumer_subscribed", "consumer_cancelled: " + heard}, "the callbacks");
        expect_text(down.text(), result, "the consumer's run");
        stop_all(home, source, all);
    });
}

/// The same of a stage in the middle, with a consumer below it.
void a_middle(cancel_mode mode, way how, std::string const& heard, std::string const& result) {
    in_many_orders([&](simulation& home) {
        batches got;
        journal said, below;
        subscription over;
        auto source = source_for(home, how);
        sluice::producer_consumer<int, int> middle{
            home, {}, sluice::stage_options{.out = open_outlet, .in = open_inlet}, doubler{nullptr, &said}};
        sluice::consumer<int> all{home, from(middle, {.cancel = cancel_mode::temporary}), open_inlet,
                                  forwarder{&got, &below}};
        outcome up, mid, down;
        start(mid, middle);
        start(down, all);
        middle.async_subscribe(source, {.cancel = mode},
                               [&](boost::system::error_code, subscription s) { over = std::move(s); });
        home.run();
        start(up, source);
        home.run();
        bring_it_about(source, over, how);
        home.run();
        expect_equal(said, journal{"subscribed", "subscribed", "cancelled: " + heard}, "the callbacks");
        expect_text(mid.text(), result, "the run of the middle");
        bool const lives = result == "not ended";
        expect_equal(below.size(), std::size_t{lives ? 1u : 2u}, "below, that the middle has ended or has not");
        expect_text(down.text(), "not ended", "whose mode is temporary");
        stop_all(home, source, middle, all);
    });
}

/// What a producer or a middle hears of its consumer's end, which it survives.
template <class Upper>
void the_upper_side(way how, std::string const& heard, Upper make) {
    in_many_orders([&](simulation& home) {
        batches got;
        journal said;
        subscription over;
        auto upper = make(home, said);
        sluice::consumer<int> all{home, from(upper), open_inlet, forwarder{&got, nullptr, &over}};
        outcome up, down;
        start(up, upper);
        start(down, all);
        home.run();
        if (how == way::stopped) {
            all.stop();
        } else {
            over.cancel(failed("oops"));
        }
        home.run();
        expect_text(said.back(), heard, "the last callback");
        expect_equal(said.size(), std::size_t{2}, "the begin and the end");
        expect_text(up.text(), "not ended", "nothing to the upper stage");
        stop_all(home, upper, all);
    });
}
auto a_producer(simulation& home, journal& said) -> sluice::producer<int> { return {home, open_outlet, silent{&said}}; }
auto a_middle_stage(simulation& home, journal& said) -> sluice::producer_consumer<int, int> {
    return {home, {}, sluice::stage_options{.out = open_outlet, .in = open_inlet}, doubler{nullptr, &said}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_cancel)

BOOST_AUTO_TEST_CASE(d1_061_a_producer_hears_of_a_cancel_with_its_reason) {
    the_upper_side(way::cancel_oops, "producer_cancelled: failed: oops", a_producer);
}
BOOST_AUTO_TEST_CASE(d1_062_a_producer_hears_that_its_consumer_is_gone) {
    the_upper_side(way::stopped, "producer_cancelled: shutdown", a_producer);
}
BOOST_AUTO_TEST_CASE(d1_072_a_consumer_with_a_temporary_subscription_outlives_a_cancel) {
    a_consumer(cancel_mode::temporary, way::cancel_oops, "failed: oops", "not ended");
}
BOOST_AUTO_TEST_CASE(d1_073_a_consumer_with_a_transient_subscription_outlives_a_normal_cancel) {
    a_consumer(cancel_mode::transient, way::cancel_normal, "normal", "not ended");
}
BOOST_AUTO_TEST_CASE(a_consumer_with_a_transient_subscription_ends_with_any_other_cancel) {
    a_consumer(cancel_mode::transient, way::cancel_oops, "failed: oops", "oops");
}
BOOST_AUTO_TEST_CASE(d1_075_a_consumer_with_a_permanent_subscription_ends_with_a_cancel) {
    a_consumer(cancel_mode::permanent, way::cancel_oops, "failed: oops", "oops");
    a_consumer(cancel_mode::permanent, way::cancel_normal, "normal", "normal");
}
BOOST_AUTO_TEST_CASE(d1_076_a_consumer_with_a_temporary_subscription_outlives_its_producer) {
    a_consumer(cancel_mode::temporary, way::killed, "failed: killed", "not ended");
}
BOOST_AUTO_TEST_CASE(d1_077_a_consumer_with_a_transient_subscription_ends_with_a_producer_that_fails) {
    a_consumer(cancel_mode::transient, way::killed, "failed: killed", "killed");
}
BOOST_AUTO_TEST_CASE(d1_078_a_consumer_with_a_permanent_subscription_ends_with_its_producer) {
    a_consumer(cancel_mode::permanent, way::killed, "failed: killed", "killed");
    a_consumer(cancel_mode::permanent, way::stopped, "shutdown", "normal");
}
BOOST_AUTO_TEST_CASE(a_consumer_with_a_transient_subscription_outlives_a_producer_that_is_stopped) {
    a_consumer(cancel_mode::transient, way::stopped, "shutdown", "not ended");
}

BOOST_AUTO_TEST_CASE(d1_086_a_middle_hears_of_a_consumers_cancel_with_its_reason) {
    the_upper_side(way::cancel_oops, "cancelled: failed: oops", a_middle_stage);
}
BOOST_AUTO_TEST_CASE(d1_087_a_middle_hears_that_its_consumer_is_gone) {
    the_upper_side(way::stopped, "cancelled: shutdown", a_middle_stage);
}
BOOST_AUTO_TEST_CASE(d1_090_a_middle_with_a_temporary_subscription_outlives_a_cancel) {
    a_middle(cancel_mode::temporary, way::cancel_oops, "failed: oops", "not ended");
}
BOOST_AUTO_TEST_CASE(d1_091_a_middle_with_a_permanent_subscription_ends_with_a_cancel) {
    a_middle(cancel_mode::permanent, way::cancel_oops, "failed: oops", "oops");
}
BOOST_AUTO_TEST_CASE(d1_092_a_middle_with_a_temporary_subscription_outlives_its_producer) {
    a_middle(cancel_mode::temporary, way::killed, "failed: killed", "not ended");
}
BOOST_AUTO_TEST_CASE(a_middle_with_a_transient_subscription_outlives_a_producer_that_is_stopped) {
    a_middle(cancel_mode::transient, way::stopped, "shutdown", "not ended");
}
BOOST_AUTO_TEST_CASE(d1_094_a_middle_with_a_transient_subscription_ends_with_a_producer_that_fails) {
    a_middle(cancel_mode::transient, way::killed, "failed: killed", "killed");
}
BOOST_AUTO_TEST_CASE(d1_095_a_middle_with_a_permanent_subscription_ends_with_its_producer) {
    a_middle(cancel_mode::permanent, way::killed, "failed: killed", "killed");
    a_middle(cancel_mode::permanent, way::stopped, "shutdown", "normal");
}

BOOST_AUTO_TEST_SUITE_END()
