#pragma once

#include <optional>
#include <utility>

#include "erased.hpp"

namespace equivalence {

// Nodes with bugs, for wrong::…. What else they do is right.

struct replaced_node {
    explicit replaced_node(erased_node&& n) : next(std::move(n)) {}
    auto resume(library::pace& p) -> bool { return next.resume(p); }
    auto finish(library::pace& p) -> bool { return next.finish(p); }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    erased_node next;
};

struct losing_node : replaced_node {
    losing_node(judge f, erased_node&& n) : replaced_node(std::move(n)), fn(f) {}
    auto push(event&& e, library::pace& p) -> bool {
        if (std::exchange(paused, false) || !fn(e)) return true;
        paused = !next.push(std::move(e), p);
        return !paused;
    }
    judge fn;
    bool paused = false;
};

struct abandoning_node : replaced_node {
    abandoning_node(multiplier f, erased_node&& n) : replaced_node(std::move(n)), fn(f) {}
    auto push(event&& e, library::pace& p) -> bool {
        for (auto const v : fn.at(e.value)) {
            if (!next.push({v, e.from, e.count}, p)) return false;
        }
        return true;
    }
    multiplier fn;
};

/// Keeps one event back.
struct keeping_node : replaced_node {
    keeping_node(changer f, erased_node&& n) : replaced_node(std::move(n)), fn(f) {}
    auto push(event&& e, library::pace& p) -> bool {
        auto before = std::exchange(kept, fn(e));
        return !before || next.push(std::move(*before), p);
    }
    changer fn;
    std::optional<event> kept = std::nullopt;
};

/// Keeps every other event back until the next has gone ahead.
struct swapping_node : replaced_node {
    swapping_node(changer f, erased_node&& n) : replaced_node(std::move(n)), fn(f) {}
    auto push(event&& e, library::pace& p) -> bool {
        if (!kept) {
            kept = fn(e);
            return true;
        }
        has_more = !next.push(fn(e), p);
        return !has_more && give(p);
    }
    auto resume(library::pace& p) -> bool {
        if (!next.resume(p)) return false;
        return !std::exchange(has_more, false) || give(p);
    }
    auto finish(library::pace& p) -> bool { return (!kept || give(p)) && next.finish(p); }

    auto give(library::pace& p) -> bool { return next.push(*std::exchange(kept, std::nullopt), p); }
    changer fn;
    std::optional<event> kept = std::nullopt;
    bool has_more = false;
};

template <class Node, class Fn>
auto replaced(Fn fn) -> node_maker {
    return [fn](erased_node next) { return erased_node(Node(fn, std::move(next))); };
}

}  // namespace equivalence
