#pragma once

#include <sluice/cancel_mode.hpp>
#include <sluice/end_kind.hpp>

namespace sluice::core {

/// Does a consumer end because a subscription of this mode ended in this way? The table is at sluice::cancel_mode.
constexpr auto consumer_ends(cancel_mode mode, end_kind kind) noexcept -> bool {
    if (kind == end_kind::already_subscribed) return false;
    switch (mode) {
        case cancel_mode::permanent: return true;
        case cancel_mode::transient: return kind != end_kind::normal && kind != end_kind::shutdown;
        case cancel_mode::temporary: return false;
    }
    return true;
}

}  // namespace sluice::core
