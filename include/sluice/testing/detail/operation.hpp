#pragma once

#include <cstdint>

namespace sluice::testing::detail {

/// Something that waits to be run once, by the ready list or by a timer. Either run() or drop() is called, once; both
/// end its life.
class operation {
public:
    operation(operation const&) = delete;
    auto operator=(operation const&) -> operation& = delete;

    void run() { act_(this, true); }
    /// Destroys it with all it holds, without running it.
    void drop() noexcept { act_(this, false); }

    /// Its number in the order of submission: its name in the schedule.
    std::uint64_t number = 0;

protected:
    using act_function = void (*)(operation*, bool run);

    explicit operation(act_function act) noexcept : act_{act} {}
    ~operation() = default;

private:
    act_function act_;
};

}  // namespace sluice::testing::detail
