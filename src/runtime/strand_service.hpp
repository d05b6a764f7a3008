#pragma once

#include <boost/asio/execution_context.hpp>
#include <memory>
#include <mutex>
#include <sluice/detail/environment.hpp>
#include <sluice/detail/strand.hpp>

namespace sluice::detail {

/// What a context knows of Sluice: its environment, and every strand on it, so that its destruction can free what they
/// hold. Handlers kept in objects of ours are not Asio's to destroy; they own coroutine frames that own those objects.
class strand_service final : public asio::execution_context::service {
public:
    using key_type = strand_service;
    static asio::execution_context::id id;

    explicit strand_service(asio::execution_context& context);
    strand_service(asio::execution_context& context, std::unique_ptr<environment> world);
    ~strand_service() override;

    void add(strand& s);
    void remove(strand& s) noexcept;
    auto world() noexcept -> environment& { return *world_; }

private:
    void shutdown() noexcept override;
    auto pop() noexcept -> strand_ptr;

    std::mutex mutex_;
    strand* first_ = nullptr;
    std::unique_ptr<environment> world_;

    // All that there are in the program: where tools/gdb/sluice.py begins. Nothing here reads them.
    static std::mutex all_mutex_;
    static strand_service* all_;
    strand_service* other_before_ = nullptr;
    strand_service* other_behind_ = nullptr;
};

}  // namespace sluice::detail
