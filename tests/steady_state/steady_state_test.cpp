// Pipelines and flows that have warmed up allocate nothing for an event or a batch.
#include <array>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <new>
#include <string_view>
#include <vector>

#include "steady_state/allocations.hpp"
#include "steady_state/scenarios.hpp"

BOOST_AUTO_TEST_SUITE(steady_state_of_scenarios)

using namespace steady_state;

namespace {

constexpr number some = 256 << 10;
constexpr number many = 4 << 20;  // where they travel together, so that the runtime seldom lets others run

/// Looks again and again, between the handlers of a place, how often memory was asked for. It allocates nothing itself,
/// and leaves the memory alone that Asio keeps for the others' handlers.
class onlooker {
public:
    explicit onlooker(place& where) : where_(&where) {
        seen_.reserve(most);
        look_later();
    }

    /// How often the runtime let others run, which goes with the number of events.
    auto looks() const noexcept -> std::size_t { return seen_.size(); }
    /// What was allocated between two parts of all looks, of ten.
    auto between(std::size_t first, std::size_t last) const -> std::size_t {
        return seen_.at(looks() * last / 10) - seen_.at(looks() * first / 10);
    }

    /// From this look on each request for memory shows where it came from.
    void show_from(std::size_t look) noexcept { show_from_ = look; }

private:
    static constexpr std::size_t most = 1'000'000;

    /// Memory for the one handler that waits.
    template <class T>
    struct own_memory {
        using value_type = T;
        onlooker* of;

        explicit own_memory(onlooker* o) noexcept : of(o) {}
        template <class U>
        own_memory(own_memory<U> const& other) noexcept : of(other.of) {}
        auto allocate(std::size_t n) const -> T* {
            if (n * sizeof(T) > of->memory_.size()) throw std::bad_alloc();
            return reinterpret_cast<T*>(of->memory_.data());
        }
        void deallocate(T*, std::size_t) const noexcept {}
        friend auto operator==(own_memory const&, own_memory const&) -> bool = default;
    };

    void look_later() {
        asio::post(where_->context(), asio::bind_allocator(own_memory<void>(this), [this] { look(); }));
    }
    void look() {
        if (where_->is_over()) return;
        if (seen_.size() == most) throw std::length_error("so many looks are not kept");
        seen_.push_back(allocations());
        if (seen_.size() == show_from_) show_allocations(2);
        look_later();
    }

    place* where_;
    std::vector<std::size_t> seen_;
    std::size_t show_from_ = 0;
    alignas(std::max_align_t) std::array<std::byte, 256> memory_;
};

struct counted {
    std::size_t looks;
    std::size_t allocations;
};
/// What is allocated for 40 % of the events, after as many, on one thread. From a look on, if one is given, the first
/// requests show where they came from.
auto count(scenario const& each, number events, std::size_t show_from = 0) -> counted {
    place where(1);
    onlooker watches(where);
    watches.show_from(show_from);
    each.run(where, events);
    show_allocations(0);
    BOOST_REQUIRE(watches.looks() >= 20u);
    return {watches.looks(), watches.between(4, 8)};
}
void expect_none(scenario const& each, number events) {
    auto const found = count(each, events);
    BOOST_TEST(found.allocations == 0u, each.name << ": " << found.allocations << " allocations");
    if (found.allocations > 0) count(each, events, found.looks * 4 / 10);
}

/// What a whole run allocates.
auto allocated_in_all(scenario const& each, std::size_t threads, number how_many) -> std::size_t {
    auto const before = allocations();
    place where(threads);
    each.run(where, how_many);
    return allocations() - before;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_is_allocated_for_an_event_or_a_batch) {
    for (auto const& each : of_stages()) {
        if (each.name != "partition_512") expect_none(each, each.batch > 1 ? many : some);
    }
}

// The parts of a batch differ in size, so now and then there is one that is larger than any before, or more are under
// way. That becomes ever rarer.
BOOST_AUTO_TEST_CASE(partitions_by_a_hash_allocate_for_new_maxima_alone) {
    BOOST_TEST(count(find("partition_512"), many).allocations <= 16u);
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_in_a_flow_that_has_seen_its_keys) {
    expect_none(find("flow_steps"), 2 * many);
    expect_none(find("flow_count_by"), 2 * many);
}

// Its place among the open windows, in a tree.
BOOST_AUTO_TEST_CASE(a_window_allocates_once_when_it_opens) {
    auto const& windows = find("flow_fixed_windows");
    constexpr number events_a_window = 128;
    auto const twice = allocated_in_all(windows, 1, 2 * some);
    auto const once = allocated_in_all(windows, 1, some);
    BOOST_TEST(twice - once <= some / events_a_window + 8);
}

// Asio keeps the memory of a few handlers for each thread. Where a stage that waits in one thread is woken in another,
// its memory changes threads too, and now and then some is asked for again. How often depends on who meets whom; it
// goes with the times that a stage is woken, and so not with events: at most with the batches that it is sent.
BOOST_AUTO_TEST_CASE(on_two_threads_events_of_a_batch_allocate_nothing) {
    constexpr number batches = 2048;
    for (auto const& each : of_stages()) {
        if (each.batch <= 1) continue;
        auto const twice = allocated_in_all(each, 2, 2 * batches * each.batch);
        auto const once = allocated_in_all(each, 2, batches * each.batch);
        BOOST_TEST_MESSAGE(each.name << ": " << once << ", then " << twice);
        BOOST_TEST(twice <= once + 16 * batches, each.name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
