#include <spdlog/spdlog.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <mutex>
#include <sluice/core/planted.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/detail/watch.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice::detail {
stage_core::stage_core(asio::any_io_executor const& executor) : strand(executor) {}

stage_core::~stage_core() = default;

void stage_core::add_end(outlet_base& end) { outlets_.push_back(&end); }
void stage_core::add_end(inlet_base& end) { inlets_.push_back(&end); }

void stage_core::run(boost::intrusive_ptr<run_state> owner) {
    auto start_it = [this, owner = std::move(owner)]() mutable { start(std::move(owner)); };
    send_function(*this, std::move(start_it));
}

void stage_core::stop(end_reason reason) {
    send_function(*this, [this, why = std::move(reason)] {
        if (stopping_) return;
        if (why.error()) return fail(why.error());
        stop_reason_ = why;
        do_stop();
    });
}

void stage_core::stop(run_state const* of) {
    send_function(*this, [this, of] {
        if (owner_.get() == of) do_stop();
    });
}

void stage_core::forget() {
    send_function(*this, [this] {
        if (phase_ != phase::created) return;
        error_ = std::make_exception_ptr(boost::system::system_error(errc::no_such_stage));
        drop_body();
        finish();
    });
}

void stage_core::start(boost::intrusive_ptr<run_state> owner) noexcept {
    if (was_run_) {
        owner->failed(std::make_exception_ptr(boost::system::system_error(errc::already_run)));
        owner->ended(false);
        return;
    }
    was_run_ = true;
    owner_ = std::move(owner);
    if (phase_ == phase::ended) {  // stopped, or failed in a hook, before it was started
        auto const told = std::exchange(owner_, nullptr);
        if (error_) told->failed(error_);
        told->ended(was_cut_short());
        return;
    }
    if (owner_->stop_requested()) {
        stopping_ = true;
        drop_body();
        finish();
        return;
    }
    phase_ = phase::running;
    work_ = make_work(inner());
    for (auto* in : inlets_) in->start();
    try {
        launch();
    } catch (...) {
        body_ended(std::current_exception());
    }
}

void stage_core::spawn_body(asio::awaitable<void> body) {
    strand_executor const here(*this);
    auto ended = [this](std::exception_ptr error) { body_ended(std::move(error)); };
    // With an executor of its own the handler takes less of the coroutine's first frame.
    asio::co_spawn(asio::any_io_executor(here), std::move(body),
                   asio::bind_executor(here, asio::bind_cancellation_slot(body_signal_.slot(), std::move(ended))));
}

void stage_core::body_begins(asio::cancellation_slot const& slot) noexcept {
    body_slot_ = slot;
    body_active_ = true;
    if (early_visits_.empty()) return;
    send_function(*this, [this] {
        for (auto& each : std::exchange(early_visits_, {})) admit(std::move(each.what), each.in_line);
    });
}

void stage_core::start_visit(stage_ptr const& where, visit_ptr what, bool in_line) {
    auto admit = [where, what = std::move(what), in_line]() mutable { where->admit(std::move(what), in_line); };
    send_function(*where, std::move(admit));
}

void stage_core::admit(visit_ptr what, bool in_line) {
    bool const early = !body_active_ || !early_visits_.empty();  // those that came before go first
    if (phase_ == phase::created || (phase_ == phase::running && early)) {
        early_visits_.push_back({std::move(what), in_line});
    } else if (phase_ == phase::running) {
        if (in_line) {
            line_up(std::move(what));
        } else {
            what->run();
        }
    }
}

// As a message: the body may be in the middle of asking what there is.
void stage_core::pass_on(visit_ptr what) {
    send_function(*this, [what = std::move(what)] { what->run(); });
}

void stage_core::do_stop() noexcept {
    if (std::exchange(stopping_, true) || phase_ == phase::ended) return;
    if (phase_ == phase::created) {
        drop_body();
        finish();
        return;
    }
    if (phase_ == phase::draining) {
        finish();
        return;
    }
    if (!SLUICE_BUG(stop_forgotten)) {
        for (auto* in : inlets_) in->stop();
    }
    for (auto* out : outlets_) out->stop();
    if (body_active_) body_signal_.emit(asio::cancellation_type::terminal);
    stopping();
}

void stage_core::fail(std::exception_ptr error) noexcept {
    if (error_ || (phase_ == phase::ended && !owner_)) return;
    error_ = std::move(error);
    if (owner_) owner_->failed(error_);
    if (phase_ == phase::ended) return;  // it is finishing, and a hook threw
    if (phase_ == phase::draining) {
        finish();
    } else {
        stop();  // a message: the body may be running right now
    }
}

void stage_core::body_ended(std::exception_ptr error) noexcept {
    body_active_ = false;
    if (phase_ != phase::running) return;
    if (error && !error_ && !(stopping_ && is_aborted(error))) error_ = std::move(error);
    phase_ = phase::draining;
    if (error_ || stopping_) {
        finish();
        return;
    }
    for (auto* in : inlets_) in->close(end_reason());
    for (auto* out : outlets_) out->drain();
    end_drained();
}

void stage_core::end_drained() noexcept {
    if (phase_ != phase::draining) return;
    for (auto* out : outlets_) {
        if (!out->is_drained()) return;
    }
    finish();
}

void stage_core::finish() noexcept {
    strand_ptr const keep(this);
    phase_ = phase::ended;
    early_visits_.clear();
    if (owner_ && error_) owner_->failed(error_);  // before anybody can hear of it from this stage: the first cause
    auto const why = [this] { return error_ ? end_reason(error_) : stopping_ ? stop_reason_ : end_reason(); };
    for (auto* in : inlets_) in->close(why());
    for (auto* out : outlets_) out->close(why());  // a hook may have thrown since
    auto const reason = why();
    if (logger && !reason.is_normal()) {
        try {
            logger->log(error_ ? spdlog::level::err : spdlog::level::info, "{}: ended because of {}", name,
                        reason.describe());
        } catch (...) {  // a logger that throws must not keep the stage from ending
        }
    }
    work_ = work_guard();
    // What Asio keeps in the signal for a coroutine refers to this strand. Its frame may not be quite gone yet: later.
    send_function(*this, [this] {
        body_slot_ = asio::cancellation_slot();
        body_signal_.slot().clear();
    });
    if (auto const owner = std::exchange(owner_, nullptr)) owner->ended(was_cut_short());
}

void stage_core::abandoned() noexcept {
    phase_ = phase::ended;
    early_visits_.clear();
    for (auto* in : inlets_) in->abandon();
    for (auto* out : outlets_) out->abandon();
    drop_body();
    body_signal_.slot().clear();
    work_ = work_guard();
    if (auto const told = std::exchange(owner_, nullptr)) {  // its other stages may live on other contexts
        told->failed(std::make_exception_ptr(boost::system::system_error(errc::abandoned)));
        told->ended(false);
    }
}

void stage_core::set_paused(bool paused) noexcept {
    if (phase_ == phase::ended || winding_down_ || !is_source()) return;
    if (std::exchange(paused_, paused) != paused) hold(paused);
}

void stage_core::hold(bool holds) noexcept {
    for (auto* out : outlets_) out->set_flow(holds ? demand_flow::accumulate : demand_flow::forward);
}

void stage_core::wind_down() noexcept {
    if (phase_ == phase::ended) return;
    winding_down_ = true;
    if (std::exchange(paused_, false)) hold(false);
    for (auto* in : inlets_) {
        if (begins_here_) in->leave();
        in->let_end();
    }
    for (auto* out : outlets_) {
        if (inlets_.empty()) out->wind_down();
        out->let_end();
    }
}

void stage_core::retire() noexcept {
    if (phase_ == phase::ended) return;
    for (auto* in : inlets_) {
        in->leave();
        in->let_end();
    }
}

void stage_core::note_discarded(std::size_t events, char const* why) noexcept {
    discarded_ += events;
    log_discarded(events, why);
}

void stage_core::log_discarded(std::size_t events, char const* why) noexcept {
    if (!logger || events == 0) return;
    try {
        logger->warn("{}: discarded {} events: {}", name, events, why);
    } catch (...) {}
}

void stage_core::log_in_hand(std::size_t events) noexcept {
    if (!logger) return;
    try {
        logger->warn("{}: ended with {} events in its hands", name, events);
    } catch (...) {}
}

void stage_core::log_warning(std::string const& text) noexcept {
    if (!logger) return;
    try {
        logger->warn("{}: {}", name, text);
    } catch (...) {}
}

run_state::run_state(std::vector<stage_ptr> stages, std::unique_ptr<run_completion> completion)
    : stages_(std::move(stages)), completion_(std::move(completion)), left_(stages_.size()) {
    leave(footprint::begins, this);
}

run_state::~run_state() = default;

void run_state::start() {
    auto const stages = stages_;
    if (stages.empty()) {
        std::exchange(completion_, nullptr)->complete(nullptr);
        return;
    }
    for (auto const& stage : stages) stage->run(boost::intrusive_ptr<run_state>(this));
}

void run_state::stop() noexcept {
    leave(footprint::writes, this);
    std::vector<stage_ptr> stages;
    {
        std::lock_guard lock(lock_);
        if (std::exchange(stop_requested_, true)) return;
        stages = stages_;
    }
    for (auto const& stage : stages) stage->stop(this);
}

auto run_state::stages() const -> std::vector<stage_ptr> {
    leave(footprint::reads, this);
    std::lock_guard lock(lock_);
    return stages_;
}

auto run_state::stop_requested() const noexcept -> bool {
    leave(footprint::reads, this);
    std::lock_guard lock(lock_);
    return stop_requested_;
}

void run_state::failed(std::exception_ptr error) noexcept {
    leave(footprint::writes, this);
    {
        std::lock_guard lock(lock_);
        if (!first_) first_ = std::move(error);
    }
    stop();
}

void run_state::ended(bool was_stopped) noexcept {
    leave(footprint::writes, this);
    std::unique_ptr<run_completion> completion;
    std::vector<stage_ptr> stages;
    std::exception_ptr error;
    {
        std::lock_guard lock(lock_);
        cut_short_ = cut_short_ || was_stopped;
        if (--left_ > 0) return;
        completion = std::move(completion_);
        stages = std::exchange(stages_, {});
        error = first_;
        if (!error && cut_short_) {
            error = std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
        }
    }
    if (completion) completion->complete(error);
}

}  // namespace sluice::detail
