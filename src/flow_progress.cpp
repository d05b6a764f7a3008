#include <algorithm>
#include <exception>
#include <sluice/detail/flow_progress.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/detail/watch.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice::detail {

progress::progress(asio::any_io_executor const& executor, std::vector<stage_ptr> stages, clock::duration interval,
                   function tell)
    : strand(executor), stages_(std::move(stages)), interval_(interval), tell_(std::move(tell)) {}

void progress::start(progress_ptr& there, asio::any_io_executor const& executor, std::vector<stage_ptr> stages,
                     clock::duration interval, function tell) {
    if (interval <= clock::duration::zero()) throw_invalid_option("on_progress: the interval must be more than 0");
    auto const before = std::exchange(there, nullptr);
    if (before) {
        send_function(*before, [keep = before] {
            keep->next_ = nullptr;
            keep->tell_ = nullptr;
        });
    }
    there.reset(new progress(executor, std::move(stages), interval, std::move(tell)));
    send_function(*there, [self = there] { self->wait(); });
}

void progress::wait() {
    if (!tell_) return;
    next_ = set_alarm_in(*this, interval_, [this] { tell(); });
}

void progress::tell() {
    next_ = nullptr;
    if (!tell_) return;
    std::vector<stage_stats> all;
    for (auto const& each : stages_) all.push_back(each->stats());
    try {
        tell_(all);
    } catch (...) {  // it leaves the executor's run(), as anywhere in Asio
        tell_ = nullptr;
        inner().execute([e = std::current_exception()] { std::rethrow_exception(e); });
        return;
    }
    bool const over = std::ranges::all_of(all, [](auto const& each) { return each.doing == activity::ended; });
    if (over) {
        tell_ = nullptr;
        stages_.clear();
    } else {
        wait();
    }
}

void progress::abandoned() noexcept {
    next_ = nullptr;
    tell_ = nullptr;
    stages_.clear();
}

}  // namespace sluice::detail
