#pragma once

#include <cstddef>
#include <sluice/core/api.hpp>
#include <vector>

namespace sluice::detail {

/// Which of a lender's events a block stands for: runs of neighbours, by index.
class SLUICE_API loan_runs {
public:
    struct run {
        std::size_t first;
        std::size_t count;
    };

    loan_runs() noexcept;
    loan_runs(loan_runs const&) = delete;
    auto operator=(loan_runs const&) -> loan_runs& = delete;
    ~loan_runs();

    /// Adds events behind those there are.
    void add(std::size_t first, std::size_t count) {
        if (!runs_.empty() && runs_.back().first + runs_.back().count == first) {
            runs_.back().count += count;
        } else {
            begin(first, count);
        }
    }
    void reserve(std::size_t n);
    /// Drops the first n runs.
    void drop(std::size_t n) noexcept;
    void clear() noexcept { runs_.clear(); }

    auto size() const noexcept -> std::size_t { return runs_.size(); }
    auto operator[](std::size_t i) noexcept -> run& { return runs_[i]; }
    auto operator[](std::size_t i) const noexcept -> run const& { return runs_[i]; }

private:
    void begin(std::size_t first, std::size_t count);

    std::vector<run> runs_;
};

}  // namespace sluice::detail
