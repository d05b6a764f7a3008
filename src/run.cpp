#include <future>
#include <sluice/run.hpp>

namespace sluice::detail {
namespace {

class promised final : public run_completion {
public:
    explicit promised(std::promise<void> promise) : promise_(std::move(promise)) {}
    void complete(std::exception_ptr error) override {
        if (error) {
            promise_.set_exception(std::move(error));
        } else {
            promise_.set_value();
        }
    }

private:
    std::promise<void> promise_;
};

}  // namespace

void run_and_wait(std::vector<stage_ptr> stages) {
    std::promise<void> promise;
    auto ended = promise.get_future();
    {
        boost::intrusive_ptr<run_state> run(
            new run_state(std::move(stages), std::make_unique<promised>(std::move(promise))));
        run->start();
    }
    ended.get();
}

}  // namespace sluice::detail
