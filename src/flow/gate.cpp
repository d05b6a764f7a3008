#include <memory>
#include <sluice/detail/flow/gate.hpp>

namespace sluice::detail {
namespace {

class tell_gate final : public run_completion {
public:
    explicit tell_gate(boost::intrusive_ptr<gate_core> gate) : gate_(std::move(gate)) {}
    void complete(std::exception_ptr error) override { gate_->flow_ended(std::move(error)); }

private:
    boost::intrusive_ptr<gate_core> gate_;
};

// The gate's own end is told to whoever draws from it.
class tell_nobody final : public run_completion {
    void complete(std::exception_ptr) override {}
};

}  // namespace

void gate_core::run_flow(std::vector<stage_ptr> stages) {
    boost::intrusive_ptr<gate_core> const self(this);
    flow_.reset(new run_state(std::move(stages), std::make_unique<tell_gate>(self)));
    auto const flow = flow_;
    boost::intrusive_ptr<run_state> const own(new run_state({stage_ptr(this)}, std::make_unique<tell_nobody>()));
    own->start();
    flow->start();
}

void gate_core::flow_ended(std::exception_ptr error) {
    send_function(*this, [this, error = std::move(error)] {
        error_ = error;
        has_ended_ = true;
        flow_ = nullptr;
        ended_wait_.wake();
    });
}

void gate_core::watch() {
    if (all_left()) {
        stop_flow();
    } else {
        watch_.start(
            [this](error_code error) {
                if (!error) watch();
            },
            no_result());
    }
}

void gate_core::abandoned() noexcept {
    lane_core::abandoned();
    ended_wait_.drop();
    watch_.drop();
    flow_ = nullptr;
}

}  // namespace sluice::detail
