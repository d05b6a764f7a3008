#pragma once

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <sluice/batch.hpp>
#include <sluice/detail/asio_fwd.hpp>
#include <type_traits>
#include <vector>

namespace sluice::detail {

/// Neither an event, nor a batch of them that may be moved from.
template <class Given, class T>
concept no_event = !std::same_as<Given, T> && !std::same_as<Given, batch<T>> && !std::convertible_to<Given, T> &&
                   !std::convertible_to<Given, batch<T>>;

/// What was emitted and cannot be.
template <class T, class Given>
struct mistaken_event {
    using value = std::remove_cvref_t<Given>;
    static constexpr bool is_copy = std::same_as<value, T>;
    static constexpr bool is_batch = std::same_as<value, batch<T>> || std::same_as<value, std::vector<T>>;

    static_assert(!is_batch,
                  "sluice: a batch is moved, not copied: co_await out.emit(std::move(events)), and events not const");
    static_assert(!is_copy, "sluice: this event cannot be copied: co_await out.emit(std::move(event))");
    static_assert(is_batch || is_copy,
                  "sluice: what is emitted must be an event of the stage's type T, or a sluice::batch<T> of them; and "
                  "this is neither, nor does it convert to one");
};

template <class T, class Given>
auto refuse_event() {
    static_assert(sizeof(mistaken_event<T, Given>) > 0);
    return asio::awaitable<bool>();
}

}  // namespace sluice::detail
