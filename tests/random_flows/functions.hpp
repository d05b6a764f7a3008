#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace equivalence {

using number = std::int64_t;
using numbers = std::vector<number>;

/// What travels: a number, and where it was last stamped. Only the number counts.
struct event {
    number value = 0;
    std::uint32_t from = 0;   // a stage
    std::uint32_t count = 0;  // how manieth event of that stage

    friend auto operator==(event const& a, event const& b) -> bool { return a.value == b.value; }
    friend auto operator<=>(event const& a, event const& b) { return a.value <=> b.value; }
    auto operator+=(event const& more) -> event& {
        value += more.value;
        return *this;
    }
};

// The functions of the steps, chosen at run time. Each is for numbers, as plain loops call it, and for events.

/// Of map: keeps numbers small.
struct changer {
    auto at(number v) const -> number {
        switch (how) {
            case 0: return v + by;
            case 1: return v * by % 1009;
            case 2: return v ^ by;
            default: return by - v;
        }
    }
    auto operator()(event e) const -> event {
        e.value = at(e.value);
        return e;
    }
    auto text() const -> std::string {
        return std::string(how == 0 ? "plus " : how == 1 ? "times " : how == 2 ? "xor " : "from ") + std::to_string(by);
    }

    std::size_t how = 0;
    number by = 0;
};

/// Not negative, whatever the number.
inline auto remainder(number v, number by) -> number { return (v % by + by) % by; }

/// Of filter, reject, take_while.
struct judge {
    auto at(number v) const -> bool { return remainder(v, by) != which; }
    auto operator()(event const& e) const -> bool { return at(e.value); }
    auto text() const -> std::string { return "mod " + std::to_string(by) + " is not " + std::to_string(which); }

    number by = 2;
    number which = 0;
};

/// Of all that has keys.
struct key_function {
    auto at(number v) const -> number { return remainder(v, by); }
    auto operator()(event const& e) const -> number { return at(e.value); }
    auto text() const -> std::string { return "key mod " + std::to_string(by); }

    number by = 1;
};

/// Of partition. One that wanders is wrong: it sends equal keys now here, now there.
struct hash_function {
    auto operator()(number key) const -> std::size_t {
        auto const more = wanders ? calls++ / 2 : 0;
        switch (how) {
            case 0: return std::hash<number>()(key) + more;
            case 1: return 7 + more;
            default: return static_cast<std::size_t>(key / 2) + more;
        }
    }
    auto text() const -> std::string { return how == 0 ? "" : how == 1 ? ", one hash" : ", own hash"; }

    std::size_t how = 0;
    bool wanders = false;
    mutable std::size_t calls = 0;
};

/// Of flat_map: how many come of an event.
struct multiplier {
    auto count(number v) const -> number { return remainder(v, most + 1); }
    auto at(number v) const -> numbers {
        numbers all;
        for (number i = 0; i < count(v); ++i) all.push_back(v + i);
        return all;
    }

    number most = 1;
};

/// What becomes of a pair of a key and a number.
inline auto pair_value(number key, number value) -> number { return key * 1000 + value % 1000; }

}  // namespace equivalence

template <>
struct std::hash<equivalence::event> {
    auto operator()(equivalence::event const& e) const noexcept -> std::size_t {
        return std::hash<equivalence::number>()(e.value);
    }
};
