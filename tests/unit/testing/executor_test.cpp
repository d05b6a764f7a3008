#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/defer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <memory_resource>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/simulation.hpp>
#include <stdexcept>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace execution = asio::execution;
using namespace sluice::testing;
using executor = simulation::executor_type;

static_assert(execution::is_executor<executor>::value);
static_assert(asio::can_require<executor, execution::blocking_t::possibly_t>::value);
static_assert(asio::can_require<executor, execution::blocking_t::never_t>::value);
static_assert(!asio::can_require<executor, execution::blocking_t::always_t>::value);
static_assert(asio::can_require<executor, execution::relationship_t::fork_t>::value);
static_assert(asio::can_require<executor, execution::relationship_t::continuation_t>::value);
static_assert(asio::can_require<executor, execution::outstanding_work_t::tracked_t>::value);
static_assert(asio::can_require<executor, execution::outstanding_work_t::untracked_t>::value);
static_assert(asio::can_require<executor, execution::allocator_t<std::allocator<int>>>::value);
static_assert(asio::can_require<executor, execution::allocator_t<void>>::value);
static_assert(asio::can_query<executor, execution::mapping_t>::value);
static_assert(asio::can_query<executor, execution::context_t>::value);
static_assert(asio::can_query<executor, execution::blocking_t>::value);
static_assert(asio::can_query<executor, execution::relationship_t>::value);
static_assert(asio::can_query<executor, execution::outstanding_work_t>::value);
static_assert(asio::can_query<executor, execution::allocator_t<void>>::value);
static_assert(std::is_same_v<asio::query_result<executor, execution::context_t>::type, simulation&>);
static_assert(std::is_convertible_v<executor, asio::any_io_executor>);
static_assert(std::is_constructible_v<asio::strand<executor>, executor>);
static_assert(std::is_convertible_v<asio::strand<executor>, asio::any_io_executor>);
static_assert(std::is_nothrow_copy_constructible_v<executor> && std::is_nothrow_move_constructible_v<executor>);
static_assert(sizeof(executor) <= 2 * sizeof(void*));  // stored inside any_io_executor

struct fixture {
    fifo_chooser decider;
    simulation home{decider};
    std::vector<int> log;

    auto note(int n) {
        return [this, n] { log.push_back(n); };
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(testing_executor, fixture)

BOOST_AUTO_TEST_CASE(properties_that_were_required_are_answered_when_queried) {
    auto const ex = home.get_executor();
    BOOST_CHECK(asio::query(ex, execution::mapping) == execution::mapping.thread);
    BOOST_CHECK(&asio::query(ex, execution::context) == &home);
    BOOST_CHECK(asio::query(ex, execution::blocking) == execution::blocking.possibly);
    BOOST_CHECK(asio::query(asio::require(ex, execution::blocking.never), execution::blocking) ==
                execution::blocking.never);
    BOOST_CHECK(asio::query(ex, execution::relationship) == execution::relationship.fork);
    BOOST_CHECK(asio::query(asio::require(ex, execution::relationship.continuation), execution::relationship) ==
                execution::relationship.continuation);
    BOOST_CHECK(asio::query(ex, execution::outstanding_work) == execution::outstanding_work.untracked);
    BOOST_CHECK(asio::query(asio::require(ex, execution::outstanding_work.tracked), execution::outstanding_work) ==
                execution::outstanding_work.tracked);
    auto const back = asio::require(asio::require(ex, execution::blocking.never), execution::blocking.possibly);
    BOOST_CHECK(back == ex);
    BOOST_CHECK(asio::require(ex, execution::blocking.never) != ex);
}

BOOST_AUTO_TEST_CASE(executors_of_different_simulations_differ) {
    simulation other{decider};
    BOOST_CHECK(home.get_executor() == home.get_executor());
    BOOST_CHECK(home.get_executor() != other.get_executor());
    auto ex = home.get_executor();
    ex = other.get_executor();
    BOOST_CHECK(ex == other.get_executor());
}

BOOST_AUTO_TEST_CASE(post_and_defer_never_run_inside_the_call_and_dispatch_does_inside_a_handler) {
    asio::dispatch(home, note(1));
    BOOST_TEST(log.empty());  // not inside a handler
    asio::post(home, [this] {
        asio::post(home, note(5));
        asio::defer(home, note(6));
        asio::dispatch(home, note(3));
        home.get_executor().execute(note(4));
        asio::require(home.get_executor(), execution::blocking.never).execute(note(7));
        log.push_back(2);
    });
    home.run();
    BOOST_TEST(log == (std::vector<int>{1, 3, 4, 2, 5, 6, 7}), boost::test_tools::per_element());
    BOOST_TEST(!home.get_executor().running_in_this_thread());
}

BOOST_AUTO_TEST_CASE(tracked_work_is_counted_through_copies_moves_and_assignments) {
    BOOST_TEST(home.outstanding_work() == 0U);
    {
        auto a = asio::require(home.get_executor(), execution::outstanding_work.tracked);
        BOOST_TEST(home.outstanding_work() == 1U);
        auto b = a;
        BOOST_TEST(home.outstanding_work() == 2U);
        auto c = std::move(a);
        BOOST_TEST(home.outstanding_work() == 2U);
        b = c;
        BOOST_TEST(home.outstanding_work() == 2U);
        b = std::move(c);
        BOOST_TEST(home.outstanding_work() == 1U);
        auto const untracked = asio::require(b, execution::outstanding_work.untracked);
        BOOST_TEST(home.outstanding_work() == 1U);
        asio::any_io_executor const any =
            asio::prefer(asio::any_io_executor{untracked}, execution::outstanding_work.tracked);
        BOOST_TEST(home.outstanding_work() == 2U);
    }
    BOOST_TEST(home.outstanding_work() == 0U);
    {
        auto const guard = asio::make_work_guard(home);
        auto const result = home.run();
        BOOST_TEST(result.quiescent);  // nothing to run: it returns, and says what is outstanding
        BOOST_TEST(result.outstanding_work == 1U);
        BOOST_TEST(!result.complete());
    }
    BOOST_TEST(home.run().complete());
}

BOOST_AUTO_TEST_CASE(it_works_behind_any_io_executor_and_strands_in_any_nesting) {
    asio::any_io_executor const any{home.get_executor()};
    asio::strand<executor> const strand{home.get_executor()};
    asio::strand<asio::any_io_executor> const strand_of_any{any};
    asio::any_io_executor const any_strand{strand};
    asio::strand<asio::any_io_executor> const strand_of_strand{any_strand};
    asio::post(any, note(1));
    asio::post(strand, note(2));
    asio::post(strand_of_any, note(3));
    asio::post(any_strand, note(4));
    asio::post(strand_of_strand, note(5));
    BOOST_CHECK(simulation::find(any_strand) == &home);
    BOOST_CHECK(simulation::find(asio::any_io_executor{strand_of_strand}) == &home);
    auto const result = home.run();
    BOOST_TEST(log.size() == 5U);
    BOOST_TEST(result.complete());
}

BOOST_AUTO_TEST_CASE(another_context_is_not_taken_for_a_simulation) {
    asio::io_context io;
    BOOST_CHECK(simulation::find(asio::any_io_executor{io.get_executor()}) == nullptr);
    BOOST_CHECK(simulation::find(asio::any_io_executor{}) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_strand_keeps_its_handlers_in_order_and_apart) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        auto const random = chooser_for_seed(seed);
        simulation chaos{*random};
        auto const strand = asio::make_strand(chaos.get_executor());
        std::vector<int> order;
        bool busy = false;
        for (int i = 0; i < 10; ++i) {
            asio::post(chaos, [] {});
            asio::post(strand, [&, i] {
                BOOST_TEST(!busy);
                busy = true;
                asio::post(chaos, [] {});
                order.push_back(i);
                busy = false;
            });
        }
        chaos.run();
        BOOST_TEST(std::is_sorted(order.begin(), order.end()));
        BOOST_TEST(order.size() == 10U);
    }
}

BOOST_AUTO_TEST_CASE(the_allocator_of_the_executor_is_used_and_gets_everything_back) {
    class counting final : public std::pmr::memory_resource {
    public:
        int blocks = 0;
        int total = 0;

    private:
        auto do_allocate(std::size_t size, std::size_t alignment) -> void* override {
            ++blocks;
            ++total;
            return std::pmr::new_delete_resource()->allocate(size, alignment);
        }
        void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
            --blocks;
            std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
        }
        auto do_is_equal(memory_resource const& other) const noexcept -> bool override { return this == &other; }
    };
    counting memory;
    {
        random_chooser random{1};
        simulation local{random};
        std::pmr::polymorphic_allocator<int> const allocator{&memory};
        auto const ex = asio::prefer(local.get_executor(), execution::allocator(allocator));
        BOOST_CHECK(asio::query(ex, execution::allocator) == allocator);
        for (int i = 0; i < 3; ++i) ex.execute(note(i));
        local.step();
        BOOST_TEST(memory.blocks == 2);
    }
    BOOST_TEST(memory.total == 3);
    BOOST_TEST(memory.blocks == 0);  // those that were dropped too
}

BOOST_AUTO_TEST_CASE(handlers_that_cannot_be_copied_and_handlers_of_any_size_are_taken) {
    auto owned = std::make_unique<int>(3);
    home.get_executor().execute([this, owned = std::move(owned)] { log.push_back(*owned); });
    std::array<int, 1000> large{};
    large[999] = 4;
    home.get_executor().execute([this, large] { log.push_back(large[999]); });
    struct alignas(64) wide {
        int value = 5;
    };
    home.get_executor().execute([this, aligned = wide{}] {
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(&aligned) % 64 == 0U);
        log.push_back(aligned.value);
    });
    home.run();
    BOOST_TEST(log == (std::vector<int>{3, 4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_when_dispatched_inside_another_does_not_reach_that_other) {
    asio::post(home, [this] {
        home.get_executor().execute([] { throw std::runtime_error("inner"); });
        log.push_back(1);
    });
    home.run();
    BOOST_TEST(log.size() == 1U);
    BOOST_TEST(home.failures().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
