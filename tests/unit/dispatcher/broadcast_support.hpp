#pragma once

#include <boost/test/unit_test.hpp>
#include <sluice/dispatcher/broadcast_dispatcher.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace broadcast {

using sluice::subscriber_id;
using letters = sluice::broadcast_dispatcher<char>;

/// Who wants the letters of `wanted` only.
inline auto only(std::string wanted) -> sluice::subscriber<char> {
    return {.selector = [wanted = std::move(wanted)](char event) { return wanted.find(event) != wanted.npos; }};
}

inline auto nothing() -> sluice::subscriber<char> { return only(""); }

/// Who throws when asked about a letter of `bad`, and wants all others.
inline auto throwing_at(std::string bad) -> sluice::subscriber<char> {
    return {.selector = [bad = std::move(bad)](char event) {
        if (bad.find(event) != bad.npos) throw std::runtime_error{std::string{"cannot judge "} + event};
        return true;
    }};
}

/// A dispatcher of letters.
struct fixture {
    /// Answers what was left over.
    auto dispatch(std::string events) -> std::string {
        sent.clear();
        const auto left = dispatcher.dispatch(std::span{events}, [&](subscriber_id to, std::span<char> part) {
            BOOST_TEST(!part.empty());
            if (!sent.empty()) sent += ' ';
            sent += std::to_string(to) + ':';
            sent.append(part.begin(), part.end());
        });
        return {left.begin(), left.end()};
    }

    letters dispatcher;
    std::string sent;  // "id:events" as the last dispatch delivered them
};

}  // namespace broadcast
