// EXPECT: sluice::from(...).weigh(f): f must be callable as std::size_t(T const&)
#include <sluice/sluice.hpp>

#include <string>

auto weighed(sluice::producer<int>& numbers) {
    return sluice::from(numbers).weigh([](std::string const& text) { return text.size(); });
}
