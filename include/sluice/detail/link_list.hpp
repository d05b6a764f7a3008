#pragma once

#include <cstddef>
#include <sluice/core/api.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/stage_core.hpp>
#include <vector>

namespace sluice::detail {

class inlet_side;

/// Links that are kept alive. Compiled once, because every type of event has use for it.
class SLUICE_API link_list {
public:
    link_list() noexcept;
    link_list(link_list&& other) noexcept;
    link_list(link_list const&) = delete;
    auto operator=(link_list const&) -> link_list& = delete;
    ~link_list();

    void add(link& l);
    void clear() noexcept;

    /// Adds them to their consumer's inlet, then tells their producers. Before anything runs.
    void subscribe(inlet_side& in);
    /// The same for an inlet whose stage may have messages already: their producers hear of it at once.
    void subscribe_on_strand(stage_ptr const& consumer, inlet_side& in) &&;

    auto empty() const noexcept -> bool { return links_.empty(); }
    auto size() const noexcept -> std::size_t { return links_.size(); }
    auto operator[](std::size_t i) const noexcept -> link& { return *links_[i]; }

private:
    std::vector<link_ptr> links_;
};

}  // namespace sluice::detail
