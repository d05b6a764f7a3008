#include <sluice/testing/detail/scheduler.hpp>

#if defined(__has_feature)
    #if __has_feature(address_sanitizer)
        #define SLUICE_TESTING_NO_RECYCLING
    #endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
    #define SLUICE_TESTING_NO_RECYCLING
#endif

namespace sluice::testing::detail {

node_pool::~node_pool() {
    for (auto* node : free_) {
        while (node != nullptr) {
            auto* const next = node->next;
            ::operator delete(node);
            node = next;
        }
    }
}

auto node_pool::allocate_new(std::size_t size) -> void* { return ::operator new((size + step - 1) / step * step); }

void node_pool::deallocate(void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if !defined(SLUICE_TESTING_NO_RECYCLING)
    if (auto const bucket = (size - 1) / step; bucket < buckets) {
        free_[bucket] = ::new (memory) free_node{free_[bucket]};
        return;
    }
#endif
    ::operator delete(memory);
}

auto scheduler::submit_at(clock::time_point when, operation* op) -> timer_key {
    timer_key const key{when, ++timers_set_};
    if (ended_ || when <= now_) {
        submit(op);
    } else {
        timers_.emplace(key, op);
    }
    return key;
}

auto scheduler::take_timer(timer_key key) noexcept -> operation* {
    auto const found = timers_.find(key);
    if (found == timers_.end()) return nullptr;
    auto* const op = found->second;
    timers_.erase(found);
    return op;
}

}  // namespace sluice::testing::detail
