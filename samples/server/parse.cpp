// Makes an event of a line, with Boost.JSON.
#include "parse.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

namespace collector {

namespace json = boost::json;

auto parse(line text) -> event {
    if (text.is_cut) throw bad_line("the line is too long", std::move(text));
    // What is parsed is only looked at, and mostly small: it lies on the stack.
    std::array<unsigned char, 4096> room;
    json::monotonic_resource memory(room.data(), room.size());
    boost::system::error_code error;
    auto const value = json::parse(text.text, error, &memory);
    if (error) throw bad_line(error.message().c_str(), std::move(text));
    auto const* const object = value.if_object();
    if (!object) throw bad_line("not a JSON object", std::move(text));
    auto const* const id = object->if_contains("id");
    auto const* const kind = object->if_contains("kind");
    if (!id || !id->is_string()) throw bad_line("no \"id\" that is a string", std::move(text));
    if (!kind || !kind->is_string()) throw bad_line("no \"kind\" that is a string", std::move(text));
    if (id->get_string().empty()) throw bad_line("\"id\" is empty", std::move(text));
    if (id->get_string().size() > 200) throw bad_line("\"id\" is longer than 200 bytes", std::move(text));

    event made{std::string(id->get_string()), std::string(kind->get_string()), std::move(text.text),
               std::move(text.from)};
    // In JSON it can only stand between tokens; where events are shown it would end the line.
    std::replace(made.body.begin(), made.body.end(), '\r', ' ');
    return made;
}

}  // namespace collector
