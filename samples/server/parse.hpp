#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "event.hpp"

namespace collector {

/// Thrown for a line that is no event. Exceptions are copied now and then, so what cannot be is shared.
class bad_line : public std::runtime_error {
public:
    bad_line(char const* reason, line text)
        : std::runtime_error(reason), text_(std::make_shared<line>(std::move(text))) {}

    auto text() const noexcept -> line& { return *text_; }

private:
    std::shared_ptr<line> text_;
};

/// Makes an event of a line; throws bad_line.
auto parse(line text) -> event;

}  // namespace collector
