// EXPECT: sluice::from(...).select(f): f must be callable as bool(T const&)
#include <sluice/sluice.hpp>

#include <string>

auto chosen(sluice::producer<int>& numbers) {
    return sluice::from(numbers).select([](std::string const& text) { return text.empty(); });
}
