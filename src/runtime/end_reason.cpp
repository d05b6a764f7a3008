#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/errc.hpp>

namespace sluice {

auto end_reason::as_exception() const -> std::exception_ptr {
    using enum end_kind;
    if (error_) return error_;
    switch (kind_) {
        case failed:  // said so without saying how
        case cancelled:
            return std::make_exception_ptr(boost::system::system_error(boost::asio::error::operation_aborted));
        case unknown_producer: return std::make_exception_ptr(boost::system::system_error(errc::no_such_stage));
        default: return nullptr;
    }
}

auto end_reason::describe() const -> std::string {
    using enum end_kind;
    switch (kind_) {
        case normal: return "normal";
        case shutdown: return "shutdown";
        case cancelled: return "cancelled";
        case already_subscribed: return "already subscribed";
        case unknown_producer: return "no such producer";
        case failed: break;
    }
    if (!error_) return "failed";
    try {
        std::rethrow_exception(error_);
    } catch (std::exception const& error) {
        return std::string("failed: ") + error.what();
    } catch (...) {
        return "failed: an exception that is not a std::exception";
    }
}

}  // namespace sluice
