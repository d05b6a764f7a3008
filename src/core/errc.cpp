#include <boost/system/system_error.hpp>
#include <sluice/errc.hpp>

namespace sluice {
namespace {

class category final : public boost::system::error_category {
public:
    // Two libraries of a program that each hold a Sluice of their own have two categories; by this number they are
    // equal.
    constexpr category() noexcept : error_category(0xb62d4f0c93a17e58) {}

    auto name() const noexcept -> char const* override { return "sluice"; }

    auto message(int value) const -> std::string override {
        switch (static_cast<errc>(value)) {
            case errc::end_of_stream: return "every producer has finished and every event has been received";
            case errc::no_consumers: return "every consumer has left for good";
            case errc::already_running: return "an operation of this kind is already outstanding; await it first";
            case errc::already_run: return "a stage runs once, and this one was run before; make a new one";
            case errc::no_such_stage: return "the producer has ended, or was destroyed before it was run";
            case errc::invalid_demand:
                return "a consumer asks for one event or more; zero and negative asks are refused";
            case errc::invalid_option: return "an option is out of its range";
            case errc::excess_events: return "a producer sent more events than had been asked for";
            case errc::subscription_ended: return "the subscription has ended; there is nobody to ask";
            case errc::automatic_demand:
                return "this subscription asks by itself; make it with demand_mode::manual to ask by hand";
            case errc::producer_failed: return "a producer ended with an exception; await receive() to get it";
            case errc::already_subscribed:
                return "this stage has subscribed already, and the producer gives each event to all its consumers: it "
                       "would get them twice";
            case errc::abandoned:
                return "the execution context or the stage was destroyed before the operation completed";
            case errc::wrong_handler:
                return "the stage has no handler object of this type; name the type that it was made with";
            case errc::redelivery_of_shared:
                return "redelivery is for dispatchers that give each event to one consumer; this one gives it to "
                       "several";
            case errc::not_copyable:
                return "several consumers share this event, and its type cannot be copied: make it copyable, or "
                       "receive it with receive_shared()";
            case errc::unknown_partition:
                return "the hash of a partition_dispatcher named a partition that there is not";
            case errc::partition_left:
                return "the last consumer of a partition left while events were queued for it; "
                       "partition_options::on_leave says what then happens";
            case errc::join_full: return "a join had to keep more events than its options allow";
            case errc::layer_is_fixed: return "the number of stages of this layer cannot change while it runs";
            case errc::flow_ended: return "the flow has ended, or is being stopped";
            case errc::too_many_restarts:
                return "children were restarted more often than max_restarts allows within restart_period";
            case errc::shutdown_expired: return "a child that was told to end has not, within its shutdown_timeout";
        }
        return "unknown sluice error " + std::to_string(value);
    }
};

}  // namespace

auto sluice_category() noexcept -> boost::system::error_category const& {
    static category const instance;
    return instance;
}

auto make_error_code(errc code) noexcept -> boost::system::error_code {
    return {static_cast<int>(code), sluice_category()};
}

namespace detail {

void throw_invalid_option(std::string const& what) {
    throw boost::system::system_error(make_error_code(errc::invalid_option), what);
}

void throw_error(errc code) { throw boost::system::system_error(make_error_code(code)); }

}  // namespace detail
}  // namespace sluice
