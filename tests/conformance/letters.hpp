#pragma once

#include <cstddef>
#include <sluice/subscriber_id.hpp>
#include <span>
#include <string>

namespace conformance {

/// What came of one dispatch.
struct dispatched {
    std::string sent;       // "id:events" in the order of delivery, one blank between
    std::string left_over;  // what nobody had demand for
};

/// Hands the letters of `events` to a dispatcher of letters.
template <class Dispatcher>
auto dispatch(Dispatcher& dispatcher, std::string events) -> dispatched {
    auto result = dispatched{};
    auto const left = dispatcher.dispatch(std::span{events}, [&](sluice::subscriber_id to, std::span<char> part) {
        if (!result.sent.empty()) result.sent += ' ';
        result.sent += std::to_string(to) + ':';
        result.sent.append(part.begin(), part.end());
    });
    result.left_over.assign(left.begin(), left.end());
    return result;
}

}  // namespace conformance
