#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <sluice/core/api.hpp>
#include <string>

namespace sluice::flow {

/// Where in a flow a function has thrown.
struct SLUICE_THROWN step_place {
    /// The step as describe() shows it: "map", or "map(parse)" if closure::named has named it so. "source" for what
    /// makes the events, "partition" for the key or the hash of the exchange behind a layer.
    std::string step;
    /// Which of the events that came into its stage: the first is 0. Those that a source makes in the same stage count
    /// as having come in, so behind from_lines it is the line. Of a function of batches it is the last event of the
    /// batch. nullopt: it was no single event, as of a reduction's result at the end.
    std::optional<std::uint64_t> element = std::nullopt;
};

/// A place in words: `map(parse), element 17`.
///
/// @code
/// auto const shown = flow::to_string({"map(parse)", 17});  // "map(parse), element 17"
/// @endcode
SLUICE_API auto to_string(step_place const& place) -> std::string;

/// What is nested in an exception that has ended a flow: the place where it was thrown. what() tells it in words.
///
/// The exception itself stays what it was: it is caught as its own type, and its what() is its own. Of the standard
/// library's exceptions and boost::system::system_error what arrives is derived from the thrown type and from
/// std::nested_exception. An exception of a type of your own gets its place when the type is derived from
/// std::nested_exception, too; what was nested in it before is then nested in the step_error. Others stay without, and
/// their place goes to the log.
class SLUICE_THROWN step_error : public std::exception {
public:
    /// The sentence of what() is made here. May throw std::bad_alloc.
    explicit step_error(step_place place);

    /// In which step, at which event.
    auto place() const noexcept -> step_place const& { return place_; }
    /// The same in words.
    auto what() const noexcept -> char const* override { return words_.c_str(); }

private:
    step_place place_;
    std::string words_;
};

/// Where the exception of a flow was thrown; nullopt if it does not tell, or is null.
///
/// @code
/// auto const numbers = flow::from(words{"1", "two", "3"}) | flow::map(to_number).named("parse");
/// try {
///     flow::run(numbers, pool);
/// } catch (std::invalid_argument const&) {  // as std::stoi has thrown it
///     auto const place = flow::place_of(std::current_exception());
///     where = place ? flow::to_string(*place) : "nowhere";  // "map(parse), element 1"
/// }
/// @endcode
SLUICE_API auto place_of(std::exception_ptr const& error) -> std::optional<step_place>;

}  // namespace sluice::flow

namespace sluice::detail {

/// The same exception with a place nested in, as far as its type allows; else itself. One that has a place keeps it.
SLUICE_API auto with_place(std::exception_ptr const& error, flow::step_place const& place) noexcept
    -> std::exception_ptr;

}  // namespace sluice::detail
