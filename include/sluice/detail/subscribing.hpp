#pragma once

#include <sluice/detail/await.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/from.hpp>
#include <sluice/subscription.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

template <class T>
auto make_link(stage_ptr const& consumer, inlet_core<T>& in, source<T> const& from) -> link_ptr {
    return new link(strand_ptr(&from.output().stage()), from.output(), consumer, in, from.options(), from.terms());
}

/// The subscriptions that a stage is constructed with: before it runs, so that no strand is needed.
template <class T>
void subscribe_all(stage_ptr const& consumer, inlet_core<T>& in, sources<T> const& from) {
    std::vector<link_ptr> links;
    for (auto const& each : from) links.push_back(make_link(consumer, in, each));
    for (auto const& each : links) in.add(each);
    for (auto const& each : links) each->subscribe();
}

template <class T, class Token>
auto async_subscribe(stage_ptr const& consumer, inlet_core<T>& in, source<T> from, Token&& token) {
    return asio::async_initiate<Token, void(error_code, subscription)>(
        [consumer, &in](auto handler, source<T> given) {
            auto work = work_of(*consumer, handler);
            auto subscribe = [consumer, &in, work = std::move(work), given = std::move(given),
                              h = std::move(handler)]() mutable {
                auto over = make_link(consumer, in, given);
                bool const added = in.add(over);
                if (added) in.open(*over);
                auto const error = added ? error_code() : error_code(errc::end_of_stream);
                post_result(*consumer, std::move(h), error, added ? subscription(std::move(over)) : subscription());
            };
            send_function(*consumer, std::move(subscribe));
        },
        token, std::move(from));
}

}  // namespace sluice::detail
