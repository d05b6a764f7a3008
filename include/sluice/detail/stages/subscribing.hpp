#pragma once

#include <sluice/detail/access.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/link_list.hpp>
#include <sluice/from.hpp>
#include <sluice/subscription.hpp>
#include <utility>

namespace sluice::detail {

template <class T>
auto make_link(stage_ptr const& consumer, inlet_core<T>& in, source<T> const& from) -> link_ptr {
    return new link(strand_ptr(&access::output(from).stage()), access::output(from), consumer, in, from.options(),
                    access::terms(from));
}

/// The subscriptions that a stage is constructed with: before it runs, so that no strand is needed.
template <class T>
void subscribe_all(stage_ptr const& consumer, inlet_core<T>& in, sources<T> const& from) {
    link_list links;
    for (auto const& each : from) links.add(*make_link(consumer, in, each));
    links.subscribe(in);
}

/// The same for a stage that may have messages already, or run, on its strand. The producers, which do not run yet,
/// hear of it at once: once they run, the first to end would else be gone before its consumer has asked.
template <class T>
void subscribe_on_strand(stage_ptr const& consumer, inlet_core<T>& in, sources<T> const& from) {
    link_list links;
    for (auto const& each : from) links.add(*make_link(consumer, in, each));
    std::move(links).subscribe_on_strand(consumer, in);
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

/// Subscribes anew and gives `old` up, if it is one of this inlet's and has not ended. In that order on this side, so
/// that an inlet never finds itself without any; in the other order for the producer, where the new one may need the
/// place of the old one, but in one step, so that a producer with no other consumer does not end.
template <class T, class Token>
auto async_resubscribe(stage_ptr const& consumer, inlet_core<T>& in, link_ptr old, end_reason reason, source<T> from,
                       Token&& token) {
    return asio::async_initiate<Token, void(error_code, subscription)>(
        [consumer, &in](auto handler, link_ptr before, end_reason why, source<T> given) {
            auto work = work_of(*consumer, handler);
            auto subscribe = [consumer, &in, work = std::move(work), before = std::move(before), why = std::move(why),
                              given = std::move(given), h = std::move(handler)]() mutable {
                auto over = make_link(consumer, in, given);
                if (!in.add(over)) {
                    post_result(*consumer, std::move(h), error_code(errc::end_of_stream), subscription());
                    return;
                }
                if (before && &before->inlet() == &in) {
                    in.open(*over, *before, std::move(why));
                } else {
                    in.open(*over);
                }
                post_result(*consumer, std::move(h), error_code(), subscription(std::move(over)));
            };
            send_function(*consumer, std::move(subscribe));
        },
        token, std::move(old), std::move(reason), std::move(from));
}

}  // namespace sluice::detail
