#pragma once

#include <iterator>
#include <sluice/detail/access.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/from.hpp>
#include <sluice/options.hpp>
#include <sluice/producer_consumer.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// A producer_consumer that the library has a body for; `change` may alter the terms of each subscription.
template <class Out, class In, class Change, class Body, class... Args>
auto make_ready_stage(executor_arg executor, sources<In> const& from, stage_options const& options, Change change,
                      Body body, Args... args) -> producer_consumer<In, Out> {
    producer_consumer<In, Out> made(executor, sources<In>(), options, body, std::move(args)...);
    std::vector<link_ptr> links;
    for (auto const& each : from) {
        auto terms = each.options();
        change(terms);
        auto& out = access::output(each);
        links.push_back(new link(strand_ptr(&out.stage()), out, access::core(made), access::input(made), terms,
                                 access::terms(each)));
    }
    for (auto const& each : links) access::input(made).add(each);
    for (auto const& each : links) each->subscribe();
    return made;
}

/// What a body still has in hand when it ends early.
template <class T>
void discard_rest(outlet<T>& out, T* first, T* last) noexcept {
    if (first != last) out.discard(batch<T>(std::move_iterator(first), std::move_iterator(last)));
}

inline constexpr auto same_terms = [](subscribe_options&) {};

}  // namespace sluice::detail
