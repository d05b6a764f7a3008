#pragma once
// A demand_dispatcher of letters, whose deliveries and order are read as text.

#include <boost/test/unit_test.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <span>
#include <string>

namespace dispatchers {

using sluice::subscriber_id;

using letters = sluice::demand_dispatcher<char>;

/// A dispatcher of letters.
struct letters_fixture {
    explicit letters_fixture(sluice::demand_dispatcher_options options = {}) : dispatcher(options) {}

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

    /// "demand:id" in serving order.
    auto order() const -> std::string {
        auto text = std::string{};
        for (auto const& [demand, id] : dispatcher.order()) {
            if (!text.empty()) text += ' ';
            text += std::to_string(demand) + ':' + std::to_string(id);
        }
        return text;
    }

    letters dispatcher;
    std::string sent;  // "id:events" as the last dispatch delivered them
};

}  // namespace dispatchers
