#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <memory>
#include <sluice/detail/strand.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// A function sent to a strand, in memory that Asio recycles for each thread.
template <class F>
class function_message final : public message {
public:
    template <class G>
    static auto make(G&& function) -> function_message& {
        allocator_type allocator;
        auto* memory = std::allocator_traits<allocator_type>::allocate(allocator, 1);
        try {
            return *::new (static_cast<void*>(memory)) function_message(std::forward<G>(function));
        } catch (...) {
            std::allocator_traits<allocator_type>::deallocate(allocator, memory, 1);
            throw;
        }
    }

private:
    using allocator_type = asio::recycling_allocator<function_message>;

    template <class G>
    explicit function_message(G&& function)
        : message(&function_message::run_or_drop), function_(std::forward<G>(function)) {}

    static void run_or_drop(message& base, bool run) noexcept {
        auto& self = static_cast<function_message&>(base);
        F function(std::move(self.function_));
        self.~function_message();
        allocator_type allocator;
        std::allocator_traits<allocator_type>::deallocate(allocator, &self, 1);
        if (run) std::move(function)();
    }

    F function_;
};

/// Sends a function to a strand. What it throws ends the program: the runtime's own functions do not throw, and
/// Asio's handlers reach a strand through strand_executor, which catches.
template <class F>
void send_function(strand& to, F&& function) {
    to.send(function_message<std::decay_t<F>>::make(std::forward<F>(function)));
}

/// A strand as an Asio executor: what a stage's body, timers and sockets run on.
///
/// Handlers that throw: the exception is rethrown on the underlying executor, so that it leaves its run(), as with any
/// executor.
class strand_executor {
public:
    explicit strand_executor(strand& s) noexcept : strand_(&s) {}
    // Asio demands that copying does not throw; intrusive_ptr does not say so of itself.
    strand_executor(strand_executor const& other) noexcept : strand_(other.strand_), never_(other.never_) {}
    strand_executor(strand_executor&& other) noexcept = default;
    auto operator=(strand_executor const& other) noexcept -> strand_executor& {
        strand_ = other.strand_;
        never_ = other.never_;
        return *this;
    }
    auto operator=(strand_executor&& other) noexcept -> strand_executor& = default;
    ~strand_executor() = default;

    auto target() const noexcept -> strand* { return strand_.get(); }

    auto query(asio::execution::context_t) const noexcept -> asio::execution_context& { return strand_->context(); }

    static constexpr auto query(asio::execution::relationship_t) noexcept -> asio::execution::relationship_t {
        return asio::execution::relationship.fork;
    }
    constexpr auto query(asio::execution::blocking_t) const noexcept -> asio::execution::blocking_t {
        return never_ ? asio::execution::blocking_t(asio::execution::blocking.never)
                      : asio::execution::blocking_t(asio::execution::blocking.possibly);
    }
    auto require(asio::execution::blocking_t::never_t) const noexcept -> strand_executor { return {strand_, true}; }
    auto require(asio::execution::blocking_t::possibly_t) const noexcept -> strand_executor { return {strand_, false}; }

    template <class F>
    void execute(F&& function) const {
        using function_type = std::decay_t<F>;
        if (!never_ && strand_->running_here()) {
            function_type local(std::forward<F>(function));
            std::move(local)();
            return;
        }
        strand_->send(function_message<guarded<function_type>>::make(
            guarded<function_type>{std::forward<F>(function), strand_->inner()}));
    }

    friend auto operator==(strand_executor const& a, strand_executor const& b) noexcept -> bool {
        return a.strand_ == b.strand_ && a.never_ == b.never_;
    }
    friend auto operator!=(strand_executor const& a, strand_executor const& b) noexcept -> bool { return !(a == b); }

private:
    strand_executor(strand_ptr s, bool never) noexcept : strand_(std::move(s)), never_(never) {}

    template <class F>
    struct guarded {
        F function;
        asio::any_io_executor outer;

        void operator()() && {
            try {
                std::move(function)();
            } catch (...) {
                outer.execute([error = std::current_exception()] { std::rethrow_exception(error); });
            }
        }
    };

    strand_ptr strand_;
    bool never_ = false;
};

}  // namespace sluice::detail
