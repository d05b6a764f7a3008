#include "steady_state/scenarios.hpp"

#include <memory>
#include <sluice/detail/environment.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace steady_state {
namespace {

/// The real one's limits, but no turn is ever long. How long turns take decides who runs what.
class timeless final : public sluice::detail::environment {
public:
    auto now() const -> clock::time_point override { return {}; }
    auto set_alarm(asio::any_io_executor const&, clock::time_point, std::function<void()>)
        -> std::unique_ptr<sluice::detail::alarm> override {
        throw std::logic_error("a scenario does not wait for the time");
    }
    auto may_continue_here() -> bool override { return true; }
    auto messages_per_turn() -> std::size_t override { return 64; }
    auto operations_per_turn() -> std::size_t override { return 256; }
};

}  // namespace

place::place(std::size_t threads) : threads_(threads), context_(static_cast<int>(threads)) {
    if (threads == 1) sluice::detail::environment::install(context_, std::make_unique<timeless>());
}

void place::work() {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads_; ++i) others.emplace_back([this] { context_.run(); });
    context_.run();
    others.clear();
    if (error_) std::rethrow_exception(error_);
}

auto find(std::string_view name) -> scenario const& {
    for (auto const& list : {of_stages(), of_flows()}) {
        for (auto const& each : list) {
            if (each.name == name) return each;
        }
    }
    throw std::invalid_argument("there is no scenario " + std::string(name));
}

void expect(number sum, number expected) {
    if (sum != expected) {
        throw std::runtime_error("the sum is " + std::to_string(sum) + ", not " + std::to_string(expected));
    }
}

}  // namespace steady_state
