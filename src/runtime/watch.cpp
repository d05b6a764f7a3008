#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/detail/watch.hpp>
#include <utility>

namespace sluice::detail {
namespace {

class teller final : public run_completion {
public:
    teller(strand_ptr who, std::function<void(std::exception_ptr)> ended)
        : who_(std::move(who)), ended_(std::move(ended)) {}

    void complete(std::exception_ptr error) override {
        send_function(*who_, [ended = std::move(ended_), error = std::move(error)] { ended(error); });
    }

private:
    strand_ptr who_;
    std::function<void(std::exception_ptr)> ended_;
};

// Its time may have come, and the message be under way, when it is dropped.
struct strand_alarm final : alarm {
    ~strand_alarm() override { *wanted = false; }

    std::shared_ptr<bool> wanted = std::make_shared<bool>(true);  // the strand's alone
    std::unique_ptr<alarm> real;
};

}  // namespace

void run_watched(stage_ptr const& what, strand_ptr who, std::function<void(std::exception_ptr)> ended) {
    auto completion = std::make_unique<teller>(std::move(who), std::move(ended));
    boost::intrusive_ptr<run_state> const run(new run_state({what}, std::move(completion)));
    run->start();
}

auto set_alarm_in(strand& s, std::chrono::steady_clock::duration delay, std::function<void()> then)
    -> std::unique_ptr<alarm> {
    using clock = std::chrono::steady_clock;
    auto const now = s.world().now();
    if (delay >= clock::time_point::max() - now) return nullptr;
    auto made = std::make_unique<strand_alarm>();
    made->real = s.world().set_alarm(s.inner(), now + delay,
                                     [keep = strand_ptr(&s), wanted = made->wanted, then = std::move(then)] {
                                         send_function(*keep, [wanted, then] {
                                             if (*wanted) then();
                                         });
                                     });
    return made;
}

auto is_aborted(std::exception_ptr const& error) noexcept -> bool {
    try {
        std::rethrow_exception(error);
    } catch (boost::system::system_error const& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (asio::multiple_exceptions const& all) {  // what `receive() || timer` throws when it is stopped
        return is_aborted(all.first_exception());
    } catch (...) {
        return false;
    }
}

}  // namespace sluice::detail
