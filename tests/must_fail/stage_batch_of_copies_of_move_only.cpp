// MISTAKE: an event that can only be moved is put into a batch by its name
// EXPECT: sluice::batch<T>::push_back: this event cannot be copied: give it by std::move(event)
// INSTEAD: `events.push_back(std::move(event));`
#include <memory>
#include <sluice/sluice.hpp>

void fill(sluice::batch<std::unique_ptr<int>>& events, std::unique_ptr<int> const& event) { events.push_back(event); }
