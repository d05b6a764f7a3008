#pragma once

#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sluice::core {

/// Whether copying a T compiles. std::is_copy_constructible says so of a std::vector<std::unique_ptr<int>> as well,
/// whose copy does not.
template <class T>
inline constexpr bool is_copyable = std::is_copy_constructible_v<T>;

/// A container: it has elements of its own. A view has none, and is either trivially copied or has no value_type.
template <class T>
concept owns_elements = !std::is_trivially_copyable_v<T> && requires(T & container) {
    typename T::value_type;
    container.begin();
    container.end();
    requires !std::same_as<typename T::value_type, T>;
};

/// Of a container: its elements must be copyable, too.
template <class T>
    requires owns_elements<T>
inline constexpr bool is_copyable<T> = std::is_copy_constructible_v<T> && is_copyable<typename T::value_type>;
/// Of a pair: both must be copyable.
template <class A, class B>
inline constexpr bool is_copyable<std::pair<A, B>> =
    std::is_copy_constructible_v<std::pair<A, B>>&& is_copyable<std::remove_cv_t<A>>&& is_copyable<std::remove_cv_t<B>>;
/// Of a tuple: all must be copyable.
template <class... Ts>
inline constexpr bool is_copyable<std::tuple<Ts...>> = std::is_copy_constructible_v<std::tuple<Ts...>> &&
                                                       (is_copyable<std::remove_cv_t<Ts>> && ...);

/// Many at once can be copied in one go.
template <class T>
inline constexpr bool is_copied_as_bytes =
    std::is_trivially_copyable_v<T>&& std::is_copy_constructible_v<T>&& std::is_copy_assignable_v<T>;

}  // namespace sluice::core
