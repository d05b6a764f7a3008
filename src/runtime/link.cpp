#include <algorithm>
#include <boost/system/system_error.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/detail/block.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice::detail {

void throw_not_copyable() { throw_error(errc::not_copyable); }

link::link(strand_ptr producer, outlet_base& out, strand_ptr consumer, inlet_base& in, subscribe_options const& options,
           std::shared_ptr<typed_terms const> terms)
    : subscribe_part(&link::on_subscribe),
      ask_part(&link::on_ask),
      cancel_part(&link::on_cancel),
      end_part(&link::on_end),
      acknowledge_part(&link::on_acknowledge),
      producer_(std::move(producer)),
      consumer_(std::move(consumer)),
      events_(in.events_handler()),
      out_(&out),
      in_(&in),
      options_(options),
      terms_(std::move(terms)) {
    leave(footprint::begins, &asked_);
    leave(footprint::begins, &acknowledged_);
    leave(footprint::begins, &acknowledge_sent_);
    leave(footprint::begins, &custody_);
    leave(footprint::begins, &cancel_sent_);
    leave(footprint::begins, &end_sent_);
}

void link::send(message& part, strand& to) noexcept {
    intrusive_ptr_add_ref(this);  // released when the message was handled
    to.send(part);
}

void link::subscribe() noexcept { send(part_of<subscribe_part>(), *producer_); }

void link::ask(std::size_t n) noexcept {
    if (n == 0) return;  // its message is under way when asked_ is not 0, and only then
    leave(footprint::writes, &asked_);
    auto before = asked_.load(std::memory_order_relaxed);
    if (SLUICE_BUG(ask_forgotten) && before != 0) return;
    while (!asked_.compare_exchange_weak(before, std::min(core::saturating_add(before, n), orphaned - 1),
                                         std::memory_order_acq_rel)) {}
    if (before == 0) producer_->send(part_of<ask_part>());
}

void link::nobody_holds_it() noexcept {
    if (asked_.exchange(orphaned, std::memory_order_acq_rel) == 0) delete this;
}

void link::cancel(end_reason reason) noexcept {
    leave(footprint::writes, &cancel_sent_);
    if (cancel_sent_.exchange(true, std::memory_order_acq_rel)) return;
    cancel_reason_ = std::move(reason);
    send(part_of<cancel_part>(), *producer_);
}

void link::replace(end_reason reason, link& successor) noexcept {
    if (successor.out_ != out_) {
        cancel(std::move(reason));
        return successor.subscribe();
    }
    leave(footprint::writes, &cancel_sent_);
    if (cancel_sent_.exchange(true, std::memory_order_acq_rel)) return successor.subscribe();
    cancel_reason_ = std::move(reason);
    successor_.reset(&successor);
    send(part_of<cancel_part>(), *producer_);
}

void link::acknowledge(std::size_t n) noexcept {
    leave(footprint::writes, &acknowledged_);
    acknowledged_.store(acknowledged_.load(std::memory_order_relaxed) + n, std::memory_order_release);
    leave(footprint::writes, &acknowledge_sent_);
    if (!acknowledge_sent_.exchange(true, std::memory_order_acq_rel)) send(part_of<acknowledge_part>(), *producer_);
}

auto link::decide(custody wanted) noexcept -> bool {
    leave(footprint::writes, &custody_);
    auto decided = custody::both;
    return custody_.compare_exchange_strong(decided, wanted, std::memory_order_acq_rel) || decided == wanted;
}

void link::end(end_reason reason) noexcept {
    leave(footprint::writes, &end_sent_);
    if (end_sent_.exchange(true, std::memory_order_acq_rel)) return;
    end_reason_ = std::move(reason);
    send(part_of<end_part>(), *consumer_);
}

void link::on_subscribe(message& m, bool run) noexcept {
    link_ptr const self(&of<subscribe_part>(m), false);
    if (run) {
        self->out_->on_subscribe(*self);
    } else {
        self->end(end_reason(std::make_exception_ptr(boost::system::system_error(errc::abandoned))));
    }
}

void link::on_ask(message& m, bool run) noexcept {
    auto* const self = &of<ask_part>(m);
    leave(footprint::writes, &self->asked_);
    bool const attached = run && self->attached;
    auto const n = self->asked_.exchange(0, std::memory_order_acq_rel);
    if (n == orphaned) {
        delete self;
    } else if (attached) {  // else it may be gone already
        self->out_->on_ask(*self, n == orphaned - 1 ? core::unlimited : n);
    }
}

void link::on_cancel(message& m, bool run) noexcept {
    link_ptr const self(&of<cancel_part>(m), false);
    auto const successor = std::exchange(self->successor_, nullptr);
    if (!run) {  // the producer's context is gone: nobody else will confirm
        self->end(self->cancel_reason_);
        if (successor)
            successor->end(end_reason(std::make_exception_ptr(boost::system::system_error(errc::abandoned))));
    } else if (successor) {
        self->out_->on_replace(*self, *successor);
    } else {
        self->out_->on_cancel(*self);
    }
}

void link::on_acknowledge(message& m, bool run) noexcept {
    link_ptr const self(&of<acknowledge_part>(m), false);
    leave(footprint::writes, &self->acknowledge_sent_);
    self->acknowledge_sent_.exchange(false, std::memory_order_acq_rel);  // first: what comes now sends another
    if (run && self->attached) self->out_->on_acknowledge(*self);
}

void link::on_end(message& m, bool run) noexcept {
    link_ptr const self(&of<end_part>(m), false);
    if (run) self->in_->on_end(*self);
}

}  // namespace sluice::detail
