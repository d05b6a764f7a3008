#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <sluice/detail/group_core.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <utility>

namespace sluice::detail {
namespace {

auto aborted() -> std::exception_ptr {
    return std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
}

}  // namespace

group_core::group_core(asio::any_io_executor const& executor, stage_group_options const& options)
    : strand(executor), fallback_(executor), options_(options) {
    validate(options);
}

// The stage is run from here, not from the strand: its handle may go as soon as this returns, and a stage that was not
// run ends with it. The group hears of it before it can hear of its end.
void group_core::run_in(boost::intrusive_ptr<group_core> const& group, stage_ptr const& stage) {
    auto const number = group->next_number();
    send_function(*group, [self = group.get(), number, stage] { self->admit(number, stage); });
    run_watched(stage, strand_ptr(group.get()),
                [self = group.get(), number](std::exception_ptr const& error) { self->ended(number, error); });
}

void group_core::run_here(stage_ptr const& stage) {
    auto const number = next_number();
    insert(number, stage);
    run_watched(stage, strand_ptr(this), [this, number](std::exception_ptr const& error) { ended(number, error); });
}

auto group_core::is_running(stage_core const& stage) const noexcept -> bool {
    for (auto const& [number, each] : running_) {
        if (each.get() == &stage) return true;
    }
    return false;
}

auto group_core::running() const -> std::vector<stage_ptr> {
    std::lock_guard const lock(running_lock_);
    std::vector<stage_ptr> all;
    for (auto const& [number, each] : running_) all.push_back(each);
    return all;
}

auto group_core::insert(std::uint64_t number, stage_ptr stage) -> stage_core& {
    std::lock_guard const lock(running_lock_);
    return *running_.emplace(number, std::move(stage)).first->second;
}

void group_core::admit(std::uint64_t number, stage_ptr stage) {
    auto& added = insert(number, std::move(stage));
    if (closing_) added.stop();
}

void group_core::ended(std::uint64_t number, std::exception_ptr const& error) {
    auto const found = running_.find(number);
    auto const stage = found == running_.end() ? nullptr : found->second;
    if (stage) {
        std::lock_guard const lock(running_lock_);
        running_.erase(found);
    }
    if (error && is_aborted(error)) {
        cut_short_ = true;
    } else if (error) {
        if (!first_) first_ = error;
        stop_all();
    }
    if (watcher_ && stage) watcher_->ended(*stage);
    tell_if_over();
}

void group_core::wait(std::uint64_t number, bool wind_down, std::unique_ptr<run_completion> who) {
    auto begin = [this, number, wind_down, who = std::move(who)]() mutable {
        waiting_.push_back({number, std::move(who)});
        if (wind_down) this->wind_down();
        tell_if_over();
    };
    send_function(*this, std::move(begin));
}

void group_core::give_up(std::uint64_t number) {
    send_function(*this, [keep = strand_ptr(this), this, number] {
        for (auto each = waiting_.begin(); each != waiting_.end(); ++each) {
            if (each->number != number) continue;
            auto const who = std::move(each->who);
            waiting_.erase(each);
            return who->complete(aborted());
        }
    });
}

void group_core::stop() noexcept {
    send_function(*this, [keep = strand_ptr(this), this] { stop_all(); });
}

void group_core::wind_down() {
    if (std::exchange(closing_, true) || running_.empty()) return;
    for (auto const& [number, stage] : running_) {
        send_function(*stage, [stage = stage.get()] { stage->wind_down(); });
    }
    deadline_ = set_alarm_in(*this, options_.drain_timeout, [this] { stop_all(); });
}

void group_core::stop_all() {
    closing_ = true;
    if (std::exchange(stopping_, true)) return;
    for (auto const& [number, stage] : running_) stage->stop();
}

void group_core::tell_if_over() {
    if (!running_.empty()) return;
    deadline_ = nullptr;
    auto const result = first_ ? first_ : cut_short_ ? aborted() : nullptr;
    for (auto& each : std::exchange(waiting_, {})) each.who->complete(result);
}

void group_core::abandoned() noexcept {
    deadline_ = nullptr;
    std::map<std::uint64_t, stage_ptr> gone;
    {
        std::lock_guard const lock(running_lock_);
        gone.swap(running_);
    }
    gone.clear();
    if (auto const watcher = std::exchange(watcher_, nullptr)) watcher->abandoned();
    auto const waiting = std::exchange(waiting_, {});
    fallback_ = {};
}

}  // namespace sluice::detail
