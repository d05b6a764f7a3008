#include <sluice/detail/inlet_side.hpp>
#include <sluice/detail/link_list.hpp>
#include <utility>

namespace sluice::detail {

link_list::link_list() noexcept = default;
link_list::link_list(link_list&& other) noexcept = default;
link_list::~link_list() = default;

void link_list::add(link& l) { links_.emplace_back(&l); }
void link_list::clear() noexcept { links_.clear(); }

void link_list::subscribe(inlet_side& in) {
    for (auto const& each : links_) in.add(each);
    for (auto const& each : links_) each->subscribe();
}

void link_list::subscribe_on_strand(stage_ptr const& consumer, inlet_side& in) && {
    for (auto const& each : links_) each->subscribe();
    send_function(*consumer, [links = std::move(links_), &in] {
        for (auto const& each : links) {
            if (in.add(each)) {
                in.ask_first(*each);
            } else {
                each->cancel(end_reason());
            }
        }
    });
}

}  // namespace sluice::detail
