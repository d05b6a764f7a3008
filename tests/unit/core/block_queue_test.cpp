#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <sluice/core/block_queue.hpp>
#include <stdexcept>
#include <utility>

namespace core = sluice::core;

namespace {

using queue_of_ints = core::block_queue<int>;
constexpr auto block = queue_of_ints::block_size;

void push(queue_of_ints& queue, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) queue.push_back(static_cast<int>(queue.end_number()));
}

struct large {
    char bytes[100'000];
};
static_assert(core::block_queue<large>::block_size == 16);
static_assert(core::block_queue<char>::block_size == 4096);
static_assert(block == 1024);

struct throws_when_moved {
    throws_when_moved() = default;
    throws_when_moved(throws_when_moved&& other) : armed(other.armed) {
        if (armed) throw std::runtime_error{"no"};
    }
    bool armed = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_block_queue)

BOOST_AUTO_TEST_CASE(has_no_memory_before_it_needs_some) {
    auto queue = queue_of_ints{};
    BOOST_TEST(queue.capacity() == 0u);
    BOOST_TEST(queue.empty());
    BOOST_TEST(queue.front_run(1).empty());
    queue.reserve(0);
    BOOST_TEST(queue.capacity() == 0u);
}

BOOST_AUTO_TEST_CASE(gives_elements_in_the_order_they_came) {
    auto queue = queue_of_ints{};
    push(queue, 3 * block + 5);
    BOOST_TEST(queue.size() == 3 * block + 5);
    for (std::size_t i = 0; !queue.empty(); ++i) {
        BOOST_REQUIRE(queue.front() == static_cast<int>(i));
        BOOST_REQUIRE(queue.begin_number() == i);
        queue.pop_front();
    }
    BOOST_TEST(queue.end_number() == 3 * block + 5);
}

BOOST_AUTO_TEST_CASE(finds_an_element_by_its_number) {
    auto queue = queue_of_ints{};
    push(queue, 2 * block);
    queue.pop_front(block + 3);
    for (auto number = queue.begin_number(); number != queue.end_number(); ++number)
        BOOST_REQUIRE(queue[number] == static_cast<int>(number));
}

BOOST_AUTO_TEST_CASE(shows_runs_that_end_with_a_block) {
    auto queue = queue_of_ints{};
    push(queue, block + 10);
    BOOST_TEST(queue.front_run(7).size() == 7u);
    BOOST_TEST(queue.front_run(2 * block).size() == block);
    queue.pop_front(block);
    BOOST_TEST(queue.front_run(2 * block).size() == 10u);
    BOOST_TEST(queue.front_run(0).empty());
}

BOOST_AUTO_TEST_CASE(allocates_nothing_in_the_steady_state) {
    auto queue = queue_of_ints{};
    const auto turn = [&] {
        push(queue, block / 2 + 77);
        if (queue.size() > 3 * block) queue.pop_front(2 * block + 13);
    };
    for (int i = 0; i < 2000; ++i) turn();
    const auto before = queue.capacity();
    for (int i = 0; i < 1000; ++i) turn();
    BOOST_TEST(queue.capacity() == before);
    BOOST_TEST(queue.capacity() <= 8 * block);
}

BOOST_AUTO_TEST_CASE(makes_as_many_pushes_free_of_allocation_as_were_reserved) {
    auto queue = queue_of_ints{};
    push(queue, block - 1);
    queue.pop_front(block / 2);
    queue.reserve(5 * block);
    const auto before = queue.capacity();
    BOOST_TEST(before >= 5 * block + block / 2);
    push(queue, 5 * block);
    BOOST_TEST(queue.capacity() == before);
}

BOOST_AUTO_TEST_CASE(is_as_it_was_when_a_move_into_it_throws) {
    auto queue = core::block_queue<throws_when_moved>{};
    auto element = throws_when_moved{};
    queue.push_back(std::move(element));
    element.armed = true;
    BOOST_CHECK_THROW(queue.push_back(std::move(element)), std::runtime_error);
    BOOST_TEST(queue.size() == 1u);
    element.armed = false;
    queue.push_back(std::move(element));
    BOOST_TEST(queue.size() == 2u);
}

BOOST_AUTO_TEST_CASE(is_empty_and_usable_after_a_move) {
    auto first = core::block_queue<std::unique_ptr<int>>{};
    for (int i = 0; i < 10; ++i) first.push_back(std::make_unique<int>(i));
    first.pop_front(4);
    auto second = std::move(first);
    BOOST_TEST(second.size() == 6u);
    BOOST_TEST(first.empty());  // NOLINT: promised
    first.push_back(std::make_unique<int>(99));
    second = std::move(first);
    BOOST_TEST(second.size() == 1u);
    BOOST_TEST(*second.front() == 99);
    BOOST_TEST(first.empty());  // NOLINT: promised
}

BOOST_AUTO_TEST_CASE(agrees_with_a_deque_over_random_calls) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        auto random = std::mt19937{seed};
        auto queue = core::block_queue<std::unique_ptr<int>>{};
        auto model = std::deque<int>{};
        const auto size = 1 + random() % (3 * core::block_queue<std::unique_ptr<int>>::block_size);
        for (int step = 0; step < 60; ++step) {
            if (random() % 2 == 0) {
                if (random() % 4 == 0) queue.reserve(random() % size);
                for (auto n = random() % size; n > 0; --n) {
                    model.push_back(static_cast<int>(random() % 1000));
                    queue.push_back(std::make_unique<int>(model.back()));
                }
            } else {
                for (auto n = random() % (model.size() + 1); n > 0;) {
                    const auto run = queue.front_run(n);
                    BOOST_REQUIRE(!run.empty());
                    for (auto const& each : run) {
                        BOOST_REQUIRE(*each == model.front());
                        model.pop_front();
                    }
                    queue.pop_front(run.size());
                    n -= run.size();
                }
            }
            BOOST_REQUIRE(queue.size() == model.size());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
