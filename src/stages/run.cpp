#include <boost/system/system_error.hpp>
#include <future>
#include <sluice/errc.hpp>
#include <sluice/run.hpp>

namespace sluice::detail {
namespace {

class promised final : public run_completion {
public:
    explicit promised(std::promise<void> promise) : promise_(std::move(promise)) {}
    // Dropped with the stages: their context has gone, and whoever waits must not wait for ever.
    ~promised() override {
        if (!completed_) promise_.set_exception(std::make_exception_ptr(boost::system::system_error(errc::abandoned)));
    }
    void complete(std::exception_ptr error) override {
        completed_ = true;
        if (error) {
            promise_.set_exception(std::move(error));
        } else {
            promise_.set_value();
        }
    }

private:
    std::promise<void> promise_;
    bool completed_ = false;
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

void run_and_wait(std::initializer_list<stage_core*> stages) {
    run_and_wait(std::vector<stage_ptr>(stages.begin(), stages.end()));
}

}  // namespace sluice::detail
