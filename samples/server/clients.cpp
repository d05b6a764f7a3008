// Who is connected, and how they are brought to an end.
#include "clients.hpp"

#include <vector>

namespace collector {

clients::entry::entry(clients& in, connection_ptr who) : in_(&in), who_(std::move(who)), hold_(in.all_.take()) {}

clients::entry::~entry() {
    if (!in_) return;
    std::lock_guard const lock(in_->mutex_);
    in_->connected_.erase(who_);
}

auto clients::admit(connection_ptr const& who) -> std::optional<entry> {
    std::lock_guard const lock(mutex_);
    if (stopping_ || connected_.size() >= most_) return std::nullopt;
    connected_.insert(who);
    return entry(*this, who);
}

auto clients::count() const -> std::size_t {
    std::lock_guard const lock(mutex_);
    return connected_.size();
}

void clients::stop() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    for_each([](connection& each) { each.hurry(); });
}

void clients::cut_off() {
    for_each([](connection& each) { each.cut_off(); });
}

void clients::drop_listeners() {
    for_each([](connection& each) { each.drop_if_listening(); });
}

void clients::drop_all() {
    for_each([](connection& each) { each.drop(); });
}

template <class Do>
void clients::for_each(Do what) const {
    std::lock_guard const lock(mutex_);
    for (auto const& each : connected_) what(*each);
}

}  // namespace collector
