#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <sluice/core/api.hpp>
#include <sluice/core/restart_intensity.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/watch.hpp>
#include <sluice/supervisor_options.hpp>
#include <string>
#include <vector>

namespace sluice {
class supervised;
}

namespace sluice::detail {

/// A stage that a factory has made; its type is known to the key of the child alone.
struct made_stage {
    stage_ptr core;
    outlet_base* out = nullptr;    // of outlet_core<T>; null if it has none
    std::shared_ptr<void> handle;  // the user's stage: until it runs it must not go
};

/// A stage without ends that runs others, starts them again when they fail, and connects them again.
///
/// A subscription between two children is a wire: it is noted when the consumer is made, and drawn anew whenever the
/// producer is made again. Wired ends stay open while the other one may come back, and are let end when it will not.
class SLUICE_API supervisor_core final : public stage_core {
public:
    using factory = std::function<made_stage(supervised&)>;

    supervisor_core(asio::any_io_executor const& executor, supervisor_options const& options);

    auto executor() const noexcept -> asio::any_io_executor const& { return executor_; }
    /// Before it runs. Answers the child's number.
    auto add(std::string name, child_options const& options, factory make) -> std::size_t;

    // On the strand.
    auto child_name(std::size_t number) const -> std::string const& { return children_[number].name; }
    auto restarts(std::size_t number) const noexcept -> std::size_t { return children_[number].restarts; }
    auto stage_of(std::size_t child) const -> made_stage const&;
    /// The outlet of a child that is to get a wire: it stays open for the next one.
    auto outlet_of(std::size_t child) -> outlet_base&;
    auto infos() const -> std::vector<supervised_info>;

    void wind_down() noexcept override;
    auto members() const -> std::vector<stage_ptr> override;

private:
    struct wire {
        std::size_t producer;
        subscribe_options options;
        std::shared_ptr<typed_terms const> terms;
    };
    struct child {
        std::string name;
        restart_mode when;
        factory make;
        made_stage now;
        std::vector<wire> wires;
        std::size_t restarts = 0;
        bool running = false;
        bool stopped = false;  // by us: for the restart of another one, or for the end
        bool due = false;      // to be started again
        bool over = false;     // for good
    };

    void launch() override;
    void stopping() noexcept override;
    void drop_body() noexcept override;
    void abandoned() noexcept override;

    void make(std::size_t number);
    void rewire(std::size_t producer);
    void run(std::size_t number);
    void ended(std::size_t number, std::exception_ptr const& error);
    void restart(std::size_t number, std::exception_ptr const& cause);
    void mark(std::size_t number);
    void start_due() noexcept;
    void let_ends_end();
    void end_when_over() noexcept;
    auto feeds(std::size_t producer, child const& consumer) const noexcept -> bool;
    void log(child const& of, std::exception_ptr const& error, char const* what) noexcept;

    asio::any_io_executor executor_;
    supervisor_options options_;
    core::restart_intensity intensity_;
    std::vector<child> children_;
    mutable std::mutex members_lock_;
    std::vector<stage_ptr> members_;  // the children's stages, for other threads to see
    bool closing_ = false;
    bool winding_down_ = false;
};

}  // namespace sluice::detail
