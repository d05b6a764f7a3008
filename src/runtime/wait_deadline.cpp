#include <sluice/detail/strand.hpp>
#include <sluice/detail/wait_deadline.hpp>
#include <sluice/detail/waiter.hpp>

namespace sluice::detail {

void wait_deadline::set(environment::clock::time_point when) {
    clear();
    if (when == environment::clock::time_point::max()) return;
    alarm_ = owner_->world().set_alarm(owner_->inner(), when, [this, keep = strand_ptr(owner_), number = number_] {
        send_function(*keep, [this, keep, number] {
            if (number != number_) return;
            has_passed_ = true;
            wakes_->wake();
        });
    });
}

void wait_deadline::clear() noexcept {
    ++number_;
    has_passed_ = false;
    alarm_.reset();
}

}  // namespace sluice::detail
