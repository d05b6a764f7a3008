#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <sluice/detail/asio_fwd.hpp>
#include <sluice/testing/detail/scheduler.hpp>
#include <type_traits>
#include <utility>

namespace sluice::testing {
namespace detail {

/// A function object in the ready list, with memory from the allocator of the executor that it was given to.
template <typename Function, typename Allocator>
class function_operation final : public operation {
public:
    static auto make(scheduler& home, Allocator const& allocator, Function&& function) -> function_operation* {
        return build(home, allocator, std::move(function));
    }
    static auto make(scheduler& home, Allocator const& allocator, Function const& function) -> function_operation* {
        return build(home, allocator, function);
    }

private:
    using node_allocator = typename std::allocator_traits<Allocator>::template rebind_alloc<function_operation>;
    static constexpr bool pooled = std::is_same_v<node_allocator, std::allocator<function_operation>> &&
                                   alignof(Function) <= alignof(std::max_align_t);

    template <typename F>
    function_operation(scheduler& home, Allocator const& allocator, F&& function)
        : operation{&act}, home_{home}, allocator_{allocator}, function_{std::forward<F>(function)} {}

    template <typename F>
    static auto build(scheduler& home, Allocator const& allocator, F&& function) -> function_operation* {
        auto* const memory = allocate(home, allocator);
        try {
            return ::new (memory) function_operation{home, allocator, std::forward<F>(function)};
        } catch (...) {
            release(home, allocator, memory);
            throw;
        }
    }

    static auto allocate(scheduler& home, Allocator const& allocator) -> void* {
        if constexpr (pooled) {
            return home.pool().allocate(sizeof(function_operation));
        } else {
            node_allocator nodes{allocator};
            return std::allocator_traits<node_allocator>::allocate(nodes, 1);
        }
    }

    static void release(scheduler& home, Allocator const& allocator, void* memory) noexcept {
        if constexpr (pooled) {
            home.pool().deallocate(memory, sizeof(function_operation));
        } else {
            node_allocator nodes{allocator};
            std::allocator_traits<node_allocator>::deallocate(nodes, static_cast<function_operation*>(memory), 1);
        }
    }

    /// The memory is given back before the call, so that what the function submits can use it again.
    static void act(operation* base, bool run) {
        auto* const self = static_cast<function_operation*>(base);
        struct releaser {
            function_operation* node;
            ~releaser() {
                if (node != nullptr) free();
            }
            void free() noexcept {
                auto& home = node->home_;
                Allocator const allocator{node->allocator_};
                std::destroy_at(node);
                release(home, allocator, std::exchange(node, nullptr));
            }
        } memory{self};
        Function function{std::move(self->function_)};
        memory.free();
        if (run) function();
    }

    scheduler& home_;
    [[no_unique_address]] Allocator allocator_;
    Function function_;
};

}  // namespace detail

/// Submits function objects to a simulation. Meets Asio's requirements on executors, with the properties of
/// io_context::executor_type, so that it works wherever that one does: in any_io_executor, strand, awaitable, co_spawn.
///
/// With blocking.possibly (the default) a function submitted inside a handler runs at once; else it is queued and
/// runs when the chooser picks it. relationship is kept but changes nothing: no order is promised between handlers.
/// Tracked work keeps nothing running, it is counted: what is still outstanding when nothing is left to run is a
/// completion that never came.
///
/// Valid as long as its simulation. Not thread-safe, like the simulation.
template <typename Allocator, bool Tracked>
class basic_executor {
public:
    /// For simulation::get_executor().
    explicit basic_executor(detail::scheduler& home, Allocator const& allocator = {}, unsigned bits = 0) noexcept
        : home_{&home}, allocator_{allocator}, bits_{bits} {
        start_work();
    }
    /// One that tracks work counts once more.
    basic_executor(basic_executor const& other) noexcept
        : home_{other.home_}, allocator_{other.allocator_}, bits_{other.bits_} {
        start_work();
    }
    /// Takes the work that the other one tracked.
    basic_executor(basic_executor&& other) noexcept
        : home_{other.home_}, allocator_{std::move(other.allocator_)}, bits_{other.bits_} {
        if constexpr (Tracked) other.home_ = nullptr;
    }
    /// As by construction.
    auto operator=(basic_executor other) noexcept -> basic_executor& {
        std::swap(home_, other.home_);
        std::swap(allocator_, other.allocator_);
        std::swap(bits_, other.bits_);
        return *this;
    }
    ~basic_executor() {
        if constexpr (Tracked) {
            if (home_ != nullptr) home_->work_finished();
        }
    }

    /// Runs `function` at once if blocking.possibly and inside a handler of this simulation, else queues it. What it
    /// throws becomes a failure of the simulation, never an exception of the caller.
    template <typename Function>
    void execute(Function&& function) const {
        using function_type = std::decay_t<Function>;
        if ((bits_ & never_blocking) == 0 && home_->inside()) {
            function_type local{std::forward<Function>(function)};
            try {
                local();
            } catch (...) {
                home_->handler_threw(std::current_exception());
            }
            return;
        }
        home_->submit(detail::function_operation<function_type, Allocator>::make(*home_, allocator_,
                                                                                 std::forward<Function>(function)));
    }

#if !defined(BOOST_ASIO_NO_TS_EXECUTORS)
    // The older interface of executors, which asio::strand passes on.
    /// The simulation.
    auto context() const noexcept -> simulation& { return home_->owner(); }
    /// Counts work that is outstanding.
    void on_work_started() const noexcept { home_->work_started(); }
    /// Counts it off.
    void on_work_finished() const noexcept { home_->work_finished(); }

    /// Runs the function at once inside a handler of this simulation, else queues it.
    template <typename Function, typename Other>
    void dispatch(Function&& function, Other const& allocator) const {
        if (home_->inside()) {
            std::decay_t<Function> local{std::forward<Function>(function)};
            local();
        } else {
            post(std::forward<Function>(function), allocator);
        }
    }
    /// Queues the function.
    template <typename Function, typename Other>
    void post(Function&& function, Other const& allocator) const {
        using operation = detail::function_operation<std::decay_t<Function>, Other>;
        home_->submit(operation::make(*home_, allocator, std::forward<Function>(function)));
    }
    /// The same as post.
    template <typename Function, typename Other>
    void defer(Function&& function, Other const& allocator) const {
        post(std::forward<Function>(function), allocator);
    }
#endif

    /// Whether a handler of this simulation runs.
    auto running_in_this_thread() const noexcept -> bool { return home_->inside(); }

    /// @{
    /// For asio::require and asio::prefer: the executor with that property.
    auto require(asio::execution::blocking_t::possibly_t) const noexcept -> basic_executor {
        return basic_executor{*home_, allocator_, bits_ & ~never_blocking};
    }
    auto require(asio::execution::blocking_t::never_t) const noexcept -> basic_executor {
        return basic_executor{*home_, allocator_, bits_ | never_blocking};
    }
    auto require(asio::execution::relationship_t::fork_t) const noexcept -> basic_executor {
        return basic_executor{*home_, allocator_, bits_ & ~continuation};
    }
    auto require(asio::execution::relationship_t::continuation_t) const noexcept -> basic_executor {
        return basic_executor{*home_, allocator_, bits_ | continuation};
    }
    auto require(asio::execution::outstanding_work_t::tracked_t) const noexcept -> basic_executor<Allocator, true> {
        return basic_executor<Allocator, true>{*home_, allocator_, bits_};
    }
    auto require(asio::execution::outstanding_work_t::untracked_t) const noexcept -> basic_executor<Allocator, false> {
        return basic_executor<Allocator, false>{*home_, allocator_, bits_};
    }
    template <typename Other>
    auto require(asio::execution::allocator_t<Other> wanted) const noexcept -> basic_executor<Other, Tracked> {
        return basic_executor<Other, Tracked>{*home_, wanted.value(), bits_};
    }
    auto require(asio::execution::allocator_t<void>) const noexcept -> basic_executor<std::allocator<void>, Tracked> {
        return basic_executor<std::allocator<void>, Tracked>{*home_, {}, bits_};
    }
    /// @}

    /// @{
    /// For asio::query: the property as it is.
    static constexpr auto query(asio::execution::mapping_t) noexcept -> asio::execution::mapping_t {
        return asio::execution::mapping.thread;
    }
    static constexpr auto query(asio::execution::outstanding_work_t) noexcept -> asio::execution::outstanding_work_t {
        if constexpr (Tracked) return asio::execution::outstanding_work.tracked;
        return asio::execution::outstanding_work.untracked;
    }
    auto query(asio::execution::context_t) const noexcept -> simulation& { return home_->owner(); }
    auto query(asio::execution::blocking_t) const noexcept -> asio::execution::blocking_t {
        if ((bits_ & never_blocking) != 0) return asio::execution::blocking.never;
        return asio::execution::blocking.possibly;
    }
    auto query(asio::execution::relationship_t) const noexcept -> asio::execution::relationship_t {
        if ((bits_ & continuation) != 0) return asio::execution::relationship.continuation;
        return asio::execution::relationship.fork;
    }
    template <typename Other>
    auto query(asio::execution::allocator_t<Other>) const noexcept -> Allocator {
        return allocator_;
    }
    /// @}

    /// Equal if they submit to the same simulation in the same manner.
    friend auto operator==(basic_executor const& a, basic_executor const& b) noexcept -> bool {
        return a.home_ == b.home_ && a.bits_ == b.bits_ && a.allocator_ == b.allocator_;
    }

private:
    static constexpr unsigned never_blocking = 1;
    static constexpr unsigned continuation = 2;

    void start_work() const noexcept {
        if constexpr (Tracked) {
            if (home_ != nullptr) home_->work_started();
        }
    }

    detail::scheduler* home_;
    [[no_unique_address]] Allocator allocator_;
    unsigned bits_;
};

}  // namespace sluice::testing
