#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/intrusive_ptr.hpp>
#include <exception>
#include <memory>
#include <sluice/detail/group_core.hpp>
#include <sluice/run.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// What a group is asked for before its end is waited for.
enum class group_end : unsigned char {
    awaited,   ///< nothing
    in_order,  ///< to wind down
    at_once,   ///< to stop
};

/// Starts the operation that waits for a group's end.
struct wait_for_group {
    boost::intrusive_ptr<group_core> group;
    group_end how;

    template <class Handler>
    void operator()(Handler&& handler) const {
        using handler_type = std::decay_t<Handler>;
        auto const number = group->next_number();
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
            slot.assign([core = group, number](asio::cancellation_type) { core->give_up(number); });
        }
        if (how == group_end::at_once) group->stop();
        group->wait(
            number, how == group_end::in_order,
            std::make_unique<run_handler<handler_type>>(std::forward<Handler>(handler), group->fallback_executor()));
    }
};

}  // namespace sluice::detail
