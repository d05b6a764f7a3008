#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <sluice/core/api.hpp>
#include <sluice/testing/simulation.hpp>
#include <utility>

namespace sluice::testing {

/// Starts a coroutine, like asio::co_spawn with detached, but what it throws is a failure of the simulation, not
/// silence.
///
/// `body` is an awaitable or a function object that returns one; the function object lives as long as the coroutine.
/// `executor` is one of the simulation, or made of one: a strand, an any_io_executor.
template <typename Executor, typename Body>
void spawn(simulation& home, Executor const& executor, Body&& body) {
    asio::co_spawn(executor, std::forward<Body>(body), [&home](std::exception_ptr error, auto&&...) {
        if (error) home.fail(std::move(error));
    });
}
/// The same on the simulation's own executor.
template <typename Body>
void spawn(simulation& home, Body&& body) {
    spawn(home, home.get_executor(), std::forward<Body>(body));
}

/// Lets the chooser decide what happens here: nothing, one or a few posts, or a wait of 1 to 8 ms of virtual time.
/// Sprinkled over bodies under test it stands for work that takes its time.
SLUICE_API auto hesitate(simulation& home) -> asio::awaitable<void>;

}  // namespace sluice::testing
