#pragma once

#include <exception>
#include <sluice/core/api.hpp>
#include <sluice/end_kind.hpp>
#include <string>
#include <utility>

namespace sluice {

/// Why a subscription, or a stage, has ended. Each ends once, with one reason.
///
/// @par Thread safety
/// Distinct objects: safe. The exception is shared: treat it as read-only.
class SLUICE_API end_reason {
public:
    /// normal: everything was delivered and there is no more.
    end_reason() = default;
    /// A kind without an exception.
    explicit end_reason(end_kind kind) : kind_(kind) {}
    /// failed, with the exception; a null pointer means normal.
    explicit end_reason(std::exception_ptr error)
        : kind_(error ? end_kind::failed : end_kind::normal), error_(std::move(error)) {}
    /// A kind with the exception that tells more, as unknown_producer does.
    end_reason(end_kind kind, std::exception_ptr error) : kind_(kind), error_(std::move(error)) {}

    /// The stage or its run was stopped from outside.
    static auto shutdown() -> end_reason { return end_reason(end_kind::shutdown); }
    /// One side gave the subscription up.
    static auto cancelled() -> end_reason { return end_reason(end_kind::cancelled); }

    /// Which kind of end it is.
    auto kind() const noexcept -> end_kind { return kind_; }
    /// Whether the producer had finished.
    auto is_normal() const noexcept -> bool { return kind_ == end_kind::normal; }
    /// The exception with which it failed; null unless it failed.
    auto error() const noexcept -> std::exception_ptr const& { return error_; }

    /// The exception a consumer sees that ends for this reason; null when it ends without one (normal, shutdown).
    auto as_exception() const -> std::exception_ptr;
    /// "normal", "shutdown", "cancelled" or "failed: what()".
    auto describe() const -> std::string;

private:
    end_kind kind_ = end_kind::normal;
    std::exception_ptr error_;
};

}  // namespace sluice
