#include <any>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <memory>
#include <mutex>
#include <new>
#include <regex>
#include <sluice/flow/errors.hpp>
#include <stdexcept>
#include <system_error>
#include <typeinfo>
#include <utility>
#include <variant>

namespace sluice::flow {

auto to_string(step_place const& place) -> std::string {
    return place.element ? place.step + ", element " + std::to_string(*place.element) : place.step;
}

step_error::step_error(step_place place) : place_(std::move(place)), words_("in " + to_string(place_)) {}

namespace {

auto place_in(std::exception_ptr const& error) -> std::optional<step_place> {
    try {
        std::rethrow_exception(error);
    } catch (step_error const& e) {
        return e.place();
    } catch (std::nested_exception const& e) {
        return place_of(e.nested_ptr());
    } catch (...) {
        return std::nullopt;
    }
}

}  // namespace

auto place_of(std::exception_ptr const& error) -> std::optional<step_place> {
    return error ? place_in(error) : std::nullopt;
}

}  // namespace sluice::flow

namespace sluice::detail {
namespace {

/// An exception as it was thrown, in which the one is nested that is being handled when this is made.
template <class E>
struct placed final : E, std::nested_exception {
    explicit placed(E const& thrown) : E(thrown) {}
};

/// A place in which is nested what was nested in the exception before.
struct step_error_with_cause final : flow::step_error, std::nested_exception {
    explicit step_error_with_cause(flow::step_place const& place) : step_error(place) {}
};

template <class E>
auto place_in_copy(std::exception const& thrown, std::exception_ptr const& told) -> std::exception_ptr {
    if (typeid(thrown) != typeid(E)) return nullptr;
    try {
        std::rethrow_exception(told);
    } catch (...) {
        return std::make_exception_ptr(placed<E>(static_cast<E const&>(thrown)));
    }
}

/// By exact type: a copy of a base would lose what the thrown one is.
template <class... Es>
auto place_in_one_of(std::exception const& thrown, std::exception_ptr const& told) -> std::exception_ptr {
    std::exception_ptr result;
    ((result = place_in_copy<Es>(thrown, told)) || ...);
    return result;
}

auto place_in_known(std::exception const& thrown, std::exception_ptr const& told) {
    using asio_error = boost::wrapexcept<boost::system::system_error>;
    return place_in_one_of<std::runtime_error, std::invalid_argument, std::out_of_range, std::logic_error,
                           std::domain_error, std::length_error, std::range_error, std::overflow_error,
                           std::underflow_error, std::system_error, boost::system::system_error, asio_error,
                           std::filesystem::filesystem_error, std::ios_base::failure, std::bad_alloc,
                           std::bad_array_new_length, std::bad_optional_access, std::bad_variant_access,
                           std::bad_any_cast, std::bad_cast, std::bad_typeid, std::bad_function_call, std::bad_weak_ptr,
                           std::regex_error, std::future_error, std::exception>(thrown, told);
}

auto error_at(flow::step_place const& place, std::exception_ptr const& cause) -> std::exception_ptr {
    if (!cause) return std::make_exception_ptr(flow::step_error(place));
    try {
        std::rethrow_exception(cause);
    } catch (...) {
        return std::make_exception_ptr(step_error_with_cause(place));
    }
}

/// In place: nobody else knows how to copy it. Several stages may throw one and the same exception object.
void nest(std::nested_exception& in, flow::step_place const& place) {
    try {
        std::rethrow_exception(error_at(place, in.nested_ptr()));
    } catch (...) {
        in = std::nested_exception();
    }
}

auto try_with_place(std::exception_ptr const& error, flow::step_place const& place) -> std::exception_ptr {
    static std::mutex one_at_a_time;
    std::lock_guard const lock(one_at_a_time);
    if (flow::place_of(error)) return error;
    try {
        std::rethrow_exception(error);
    } catch (std::nested_exception& thrown) {
        nest(thrown, place);
        return error;
    } catch (std::exception const& thrown) {
        auto const result = place_in_known(thrown, error_at(place, nullptr));
        return result ? result : error;
    } catch (...) {
        return error;
    }
}

}  // namespace

auto with_place(std::exception_ptr const& error, flow::step_place const& place) noexcept -> std::exception_ptr {
    try {
        return try_with_place(error, place);
    } catch (...) {  // no memory, or an exception whose copy throws: rather without than another one
        return error;
    }
}

}  // namespace sluice::detail
