#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <memory>
#include <numeric>
#include <sluice/core/event_buffer.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace core = sluice::core;
using sluice::buffer_keep;
using numbers = std::vector<int>;
using words = std::vector<std::string>;

namespace {

/// A number whose move throws when its turn comes, and which knows how many of its kind there are.
class fragile {
public:
    explicit fragile(int value) : value_(value) { ++alive; }
    fragile(fragile&& other) : value_(other.value_) {
        if (moves_left-- == 0) throw std::runtime_error{"dropped in moving"};
        other.value_ = -1;
        ++alive;
    }
    ~fragile() { --alive; }

    auto value() const -> int { return value_; }

    static inline int alive = 0;
    static inline int moves_left = -1;  // below 0: none throws

private:
    int value_;
};

/// Room for events that can be given away as a span although moving them may throw.
class fragile_array {
public:
    fragile_array(int first, int count) {
        for (int i = 0; i < count; ++i) std::construct_at(data() + i, first + i), ++size_;
    }
    fragile_array(fragile_array const&) = delete;
    ~fragile_array() { std::destroy_n(data(), size_); }

    auto events() -> std::span<fragile> { return {data(), size_}; }

private:
    auto data() -> fragile* { return reinterpret_cast<fragile*>(memory_); }

    alignas(fragile) std::byte memory_[64 * sizeof(fragile)];
    std::size_t size_ = 0;
};

auto first_numbers(int count) -> numbers {
    auto all = numbers(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(an_event_buffer_whose_events_throw)

BOOST_AUTO_TEST_CASE(has_each_event_either_inside_or_with_the_caller_after_a_failed_store) {
    for (const auto which : {buffer_keep::first, buffer_keep::last}) {
        for (int throwing = 0; throwing < 8; ++throwing) {
            fragile::moves_left = -1;
            auto buffer = core::event_buffer<fragile>{6, which};
            auto seen = numbers{};
            const auto see = [&](fragile&& event) { seen.push_back(event.value()); };
            auto first = fragile_array{0, 4};
            buffer.store(first.events(), see);
            auto second = fragile_array{4, 4};

            const auto stored_before = buffer.total_stored();
            fragile::moves_left = throwing;
            try {
                buffer.store(second.events(), see);
                BOOST_TEST(throwing >= (which == buffer_keep::first ? 2 : 4));
            } catch (std::runtime_error const&) {
                BOOST_TEST(buffer.total_stored() - stored_before == static_cast<std::size_t>(throwing));
            }
            fragile::moves_left = -1;

            for (auto const& event : second.events())
                if (event.value() >= 0 && std::ranges::find(seen, event.value()) == seen.end())
                    seen.push_back(event.value());
            buffer.take(99, see);
            std::ranges::sort(seen);
            BOOST_TEST(seen == first_numbers(8), boost::test_tools::per_element());
        }
    }
    BOOST_TEST(fragile::alive == 0);
}

BOOST_AUTO_TEST_CASE(still_has_the_event_that_the_sink_could_not_take) {
    fragile::moves_left = -1;
    auto buffer = core::event_buffer<fragile, std::string>{};
    auto events = fragile_array{0, 4};
    buffer.store(events.events(), [](fragile&&) {});
    buffer.store_info("end");
    auto received = std::vector<std::unique_ptr<fragile>>{};
    const auto sink = [&](fragile&& event) { received.push_back(std::make_unique<fragile>(std::move(event))); };
    fragile::moves_left = 2;
    BOOST_CHECK_THROW(buffer.take(9, sink), std::runtime_error);
    BOOST_TEST(received.size() == 2u);
    BOOST_TEST(buffer.size() == 2u);
    fragile::moves_left = -1;
    BOOST_TEST(buffer.take(9, sink).infos.size() == 1u);
    BOOST_REQUIRE(received.size() == 4u);
    for (int i = 0; i < 4; ++i) BOOST_TEST(received[static_cast<std::size_t>(i)]->value() == i);
}

BOOST_AUTO_TEST_CASE(moves_no_event_again_to_grow) {
    fragile::moves_left = -1;
    auto buffer = core::event_buffer<fragile>{};
    const auto ignore = [](fragile&&) {};
    for (int i = 0; i < 10'000; ++i) {
        auto event = fragile{i};
        fragile::moves_left = 1;  // the one into the buffer; the next would throw
        buffer.store({&event, 1}, ignore);
        BOOST_REQUIRE(fragile::moves_left == 0);
    }
    fragile::moves_left = -1;
    auto next = 0;
    buffer.take(10'000, [&](fragile&& event) { BOOST_REQUIRE(event.value() == next++); });
    BOOST_TEST(next == 10'000);
}

BOOST_AUTO_TEST_CASE(counts_an_event_as_dropped_when_the_hook_throws_and_keeps_the_infos_for_the_next_call) {
    auto buffer = core::event_buffer<int, std::string>{2};
    auto first = numbers{1, 2};
    const auto ignore = [](int&&) {};
    buffer.store(first, ignore);
    buffer.store_info("behind 2");
    auto seen = numbers{};
    auto second = numbers{3, 4};
    const auto fail_at_2 = [&](int&& event) {
        seen.push_back(event);
        if (event == 2) throw std::runtime_error{"hook"};
    };
    BOOST_CHECK_THROW(buffer.store(second, fail_at_2), std::runtime_error);
    BOOST_TEST(seen == (numbers{1, 2}), boost::test_tools::per_element());
    BOOST_TEST(buffer.total_discarded() == 2u);
    BOOST_TEST(buffer.total_stored() == 2u);
    BOOST_TEST(buffer.size() == 0u);
    BOOST_TEST(!buffer.empty());
    BOOST_TEST(buffer.front().empty());
    BOOST_TEST(buffer.store_info("after it"));
    const auto stored = buffer.store(second, ignore);
    BOOST_TEST(stored.infos == (words{"behind 2", "after it"}), boost::test_tools::per_element());
    BOOST_TEST(buffer.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
