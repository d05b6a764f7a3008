// MISTAKE: a selector of other events
// EXPECT: sluice::from(...).select(f): f must be callable as bool(T const&)
// INSTEAD: `sluice::from(numbers).select([](int event) { return event > 0; })`
#include <sluice/sluice.hpp>

#include <string>

auto chosen(sluice::producer<int>& numbers) {
    return sluice::from(numbers).select([](std::string const& text) { return text.empty(); });
}
