// Runs one scenario on one thread, for tools/check_instructions to count what that takes.
//   instructions SCENARIO EVENTS
//   instructions                     lists the scenarios: name, events in a batch of the source (0: not fixed), what it
//   is
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "steady_state/scenarios.hpp"

auto main(int count, char** arguments) -> int try {
    if (count == 3) {
        steady_state::place where(1);
        steady_state::find(arguments[1]).run(where, std::stoull(arguments[2]));
        return 0;
    }
    for (auto const& list : {steady_state::of_stages(), steady_state::of_flows()}) {
        for (auto const& each : list) {
            std::printf("%.*s\t%llu\t%.*s\n", static_cast<int>(each.name.size()), each.name.data(),
                        static_cast<unsigned long long>(each.batch), static_cast<int>(each.what.size()),
                        each.what.data());
        }
    }
    return 0;
} catch (std::exception const& error) {
    std::fprintf(stderr, "instructions: %s\n", error.what());
    return 1;
}
