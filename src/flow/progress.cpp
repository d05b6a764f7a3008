#include <exception>
#include <sluice/detail/flow/progress.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/detail/watch.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice::detail {
namespace {

class tell_the_end final : public run_completion {
public:
    explicit tell_the_end(progress& whom) : whom_(&whom) {}
    void complete(std::exception_ptr) override {
        send_function(*whom_, [whom = whom_] { whom->over(); });
    }

private:
    boost::intrusive_ptr<progress> whom_;
};

}  // namespace

void progress::begin(boost::intrusive_ptr<group_core> const& group, clock::duration interval, function tell) {
    if (interval <= clock::duration::zero()) throw_invalid_option("on_progress: the interval must be more than 0");
    auto begin_it = [self = boost::intrusive_ptr<progress>(this), group, interval, f = std::move(tell)]() mutable {
        self->interval_ = interval;
        self->tell_ = std::move(f);
        if (self->is_over_) return self->over();
        self->wait();
        if (std::exchange(self->is_watching_, true)) return;
        group->wait(group->next_number(), false, std::make_unique<tell_the_end>(*self));
    };
    send_function(*this, std::move(begin_it));
}

void progress::wait() {
    next_ = set_alarm_in(*this, interval_, [this] {
        next_ = nullptr;
        tell();
        if (tell_) wait();
    });
}

void progress::over() {
    is_over_ = true;
    next_ = nullptr;
    tell();
    tell_ = nullptr;
}

void progress::tell() {
    if (!tell_) return;
    try {
        tell_(stages_->stats());
    } catch (...) {  // it leaves the executor's run(), as anywhere in Asio
        tell_ = nullptr;
        inner().execute([e = std::current_exception()] { std::rethrow_exception(e); });
    }
}

void progress::abandoned() noexcept {
    next_ = nullptr;
    tell_ = nullptr;
}

}  // namespace sluice::detail
