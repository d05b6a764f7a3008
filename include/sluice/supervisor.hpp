#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <sluice/detail/access.hpp>
#include <sluice/detail/supervisor_core.hpp>
#include <sluice/detail/visit.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/from.hpp>
#include <sluice/stage.hpp>
#include <sluice/supervisor_options.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

/// Names a child of a supervisor, whichever stage it is at the moment. Made by supervisor::add(); a value.
template <any_stage S>
class child_of {
public:
    using stage_type = S;  ///< The type of its stages.

private:
    friend class supervisor;
    friend class supervised;

    child_of(detail::supervisor_core const& owner, std::size_t number) noexcept : owner_(&owner), number_(number) {}

    detail::supervisor_core const* owner_;
    std::size_t number_;
};

/// What a factory is given: where its stage lives, and what it may subscribe to.
class supervised {
public:
    /// For the supervisor.
    supervised(detail::supervisor_core& owner, std::size_t child) noexcept : owner_(&owner), child_(child) {}
    supervised(supervised const&) = delete;
    auto operator=(supervised const&) -> supervised& = delete;

    /// The supervisor's executor; so this can be given to a stage in the place of one.
    auto get_executor() const noexcept -> asio::any_io_executor { return owner_->executor(); }

    /// A child to subscribe to. When it is restarted, the stage made here subscribes to the new one on the same terms;
    /// so their cancel mode is always temporary. Children can only draw from those that were added before them.
    template <any_stage S>
        requires emitter<S>
    auto from(child_of<S> const& producer, subscribe_options options = {}) -> source<typename S::event_type> {
        using event = typename S::event_type;
        if (producer.owner_ != owner_) detail::throw_error(errc::no_such_stage);
        options.cancel = cancel_mode::temporary;
        return {static_cast<detail::outlet_core<event>&>(owner_->outlet_of(producer.number_)), options};
    }

    /// The name that supervisor::add() was given.
    auto name() const -> std::string const& { return owner_->child_name(child_); }
    /// How often this child was made before: 0 the first time, 1 at its first restart.
    auto restarts() const noexcept -> std::size_t { return owner_->restarts(child_); }

private:
    detail::supervisor_core* owner_;
    std::size_t child_;
};

/// Runs stages, and starts them again when they fail: a stage that is made of stages.
///
/// Each child is a factory: a function that makes its stage anew whenever it is started. What it subscribes to it asks
/// of the supervisor.
///
/// @code
/// sluice::supervisor pipeline{pool, {.max_restarts = 10}};
/// auto numbers = pipeline.add("numbers", [](sluice::supervised& here) {
///     return sluice::producer<int>{here, counter, 0, 1000};
/// });
/// auto doubled = pipeline.add("doubled", [numbers](sluice::supervised& here) {
///     return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 10}), doubler};
/// });
/// pipeline.add("printed", [doubled](sluice::supervised& here) {
///     return sluice::consumer<int>{here, here.from(doubled), printer};
/// });
/// co_await sluice::async_run(pipeline);
/// @endcode
///
/// When `doubled` throws, its factory is called again; the new stage subscribes to `numbers`, which has kept what
/// nobody had asked for, and `printed`, which has waited, subscribes to the new stage. What the failed stage had in its
/// hands is lost, visibly, unless the subscription says otherwise.
///
/// **Ends.** Subscriptions between children are temporary, and the stages at both ends stay open while the other one
/// may come back; the supervisor sees to that, whatever the stage's own options say. When a child has ended for good
/// (normally, or failed with restart_mode::temporary), those that drew only from such children end after what they have
/// received, and those that fed only such children see that nobody is left. So a pipeline whose source ends normally
/// ends normally, stage by stage, and the supervisor with it.
///
/// **Failure.** strategy says who is restarted together with a child that has failed; the others are stopped first, the
/// last one first, and then all are made again in the order in which they were added, also those that had ended
/// normally. Children with restart_mode::temporary are stopped then and not made again. More restarts than max_restarts
/// within restart_period fail the supervisor with the last cause. A factory that throws fails the supervisor at the
/// start, and counts as one more restart later. Factories run on the supervisor's strand.
///
/// A stop of the supervisor stops all its children; its run ends when they have.
///
/// OTP: `supervisor`.
class supervisor : public stage {
public:
    /// Throws errc::invalid_option.
    explicit supervisor(executor_arg executor, supervisor_options const& options = {})
        : supervisor(make(executor.get(), options)) {}

    /// Adds a child: a function `factory(supervised&)` that returns a stage. Before the supervisor runs.
    template <class Factory>
    auto add(std::string name, child_options const& options, Factory factory) {
        static_assert(std::is_invocable_v<Factory&, supervised&>,
                      "sluice::supervisor::add: the factory must be callable as factory(sluice::supervised&)");
        using stage_type = std::invoke_result_t<Factory&, supervised&>;
        static_assert(any_stage<stage_type> && std::is_same_v<stage_type, std::remove_cvref_t<stage_type>>,
                      "sluice::supervisor::add: the factory must return a stage by value, a new one at each call");
        auto make = [factory = std::move(factory)](supervised& here) mutable {
            auto handle = std::make_shared<stage_type>(std::invoke(factory, here));
            detail::made_stage made{detail::access::core(*handle), nullptr, handle};
            if constexpr (emitter<stage_type>) made.out = &detail::access::output(*handle);
            return made;
        };
        return child_of<stage_type>(*core_, core_->add(std::move(name), options, std::move(make)));
    }
    /// The same with restart_mode::transient.
    template <class Factory>
    auto add(std::string name, Factory factory) {
        return add(std::move(name), child_options{}, std::move(factory));
    }

    /// Runs `f(stage)` with the stage that a child is at the moment, on the supervisor's strand: to visit it, to
    /// subscribe to it from outside, to stop it. What f returns is the result. From any thread; waits for the
    /// supervisor to run.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr, R) @endcode or `void(std::exception_ptr)` when f returns nothing.
    /// @par Errors
    /// What f throws, which is nothing to the supervisor; errc::no_such_stage when that has ended.
    template <any_stage S, class F, class Token = asio::use_awaitable_t<>>
    auto async_visit(child_of<S> const& child, F f, Token&& token = {}) {
        auto visit = [core = core_, owner = child.owner_, number = child.number_,
                      f = std::move(f)]() mutable -> decltype(auto) {
            if (owner != core) detail::throw_error(errc::no_such_stage);
            return f(*static_cast<S*>(core->stage_of(number).handle.get()));
        };
        return detail::async_run_there(detail::access::core(*this), false, std::move(visit),
                                       std::forward<Token>(token));
    }

    /// Every child, in the order in which they were added. `void(std::exception_ptr, std::vector<supervised_info>)`;
    /// errc::no_such_stage when the supervisor has ended. From any thread; waits for it to run.
    template <class Token = asio::use_awaitable_t<>>
    auto async_which_children(Token&& token = {}) {
        auto list = [core = core_] { return core->infos(); };
        return detail::async_run_there(detail::access::core(*this), false, list, std::forward<Token>(token));
    }

private:
    explicit supervisor(boost::intrusive_ptr<detail::supervisor_core> core) : stage(core), core_(core.get()) {}

    static auto make(asio::any_io_executor const& executor, supervisor_options const& options)
        -> boost::intrusive_ptr<detail::supervisor_core> {
        validate(options);
        return new detail::supervisor_core(executor, options);
    }

    detail::supervisor_core* core_;
};

}  // namespace sluice
