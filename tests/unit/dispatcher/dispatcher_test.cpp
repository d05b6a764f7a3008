// The concept, both ways. Nothing to run: it compiles or it does not.
#include <cstddef>
#include <memory>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <sluice/dispatcher/dispatcher.hpp>
#include <span>
#include <vector>

using sluice::subscriber_id;

namespace {

using letters = sluice::demand_dispatcher<char>;
using unique = std::unique_ptr<int>;

static_assert(sluice::dispatcher_for<letters, char>);
static_assert(sluice::dispatcher_for<sluice::demand_dispatcher<unique>, unique>);
static_assert(!sluice::dispatcher_for<letters, int>);
static_assert(!sluice::dispatcher_for<std::vector<int>, int>);
static_assert(!sluice::dispatcher_for<sluice::demand_dispatcher<char>&, char>);

struct minimal {
    auto subscribe(subscriber_id, sluice::subscriber<int> const&) -> std::size_t;
    auto cancel(subscriber_id) -> std::size_t;
    auto ask(subscriber_id, std::size_t, std::size_t) -> std::size_t;
    auto dispatch(std::span<int>, void (*)(subscriber_id, std::span<int>)) -> std::span<int>;
    auto total_demand() const -> std::size_t;
};
static_assert(sluice::dispatcher_for<minimal, int>);
static_assert(!sluice::shares_events<minimal>);

struct without_total_demand : minimal {
    void total_demand() const;
};
static_assert(!sluice::dispatcher_for<without_total_demand, int>);

struct answering_nothing_to_a_cancel : minimal {
    void cancel(subscriber_id);
};
static_assert(!sluice::dispatcher_for<answering_nothing_to_a_cancel, int>);

struct without_the_buffered_count : minimal {
    auto ask(subscriber_id, std::size_t) -> std::size_t;
};
static_assert(!sluice::dispatcher_for<without_the_buffered_count, int>);

}  // namespace
