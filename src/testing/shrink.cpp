#include <algorithm>
#include <sluice/testing/shrink.hpp>
#include <vector>

namespace sluice::testing {
namespace {

class shrinker {
public:
    shrinker(trace failing, std::function<bool(trace const&)> const& fails, std::size_t attempts)
        : best_{failing.begin(), failing.end()}, fails_{fails}, attempts_{attempts} {}

    auto run() -> trace {
        drop_zeros_at_end(best_);
        for (bool simpler = true; simpler && attempts_ > 0;) {
            simpler = shorten();
            simpler = clear_chunks() || simpler;
            simpler = remove_chunks() || simpler;
            simpler = lower_each() || simpler;
        }
        return trace{best_};
    }

private:
    using choices = std::vector<taken_choice>;

    static void drop_zeros_at_end(choices& c) {
        while (!c.empty() && c.back().taken == 0) c.pop_back();
    }

    auto adopt_if_it_fails(choices candidate) -> bool {
        drop_zeros_at_end(candidate);
        if (candidate == best_ || attempts_ == 0) return false;
        --attempts_;
        if (!fails_(trace{candidate})) return false;
        best_ = std::move(candidate);
        return true;
    }

    /// Cuts the end off, as much as possible.
    auto shorten() -> bool {
        bool any = false;
        for (auto cut = best_.size(); cut > 0; cut /= 2) {
            while (cut <= best_.size() && attempts_ > 0) {
                if (!adopt_if_it_fails({best_.begin(), best_.end() - static_cast<std::ptrdiff_t>(cut)})) break;
                any = true;
            }
        }
        return any;
    }

    auto clear_chunks() -> bool {
        return for_each_chunk([](choices& c, std::size_t from, std::size_t to) {
            for (; from < to; ++from) c[from].taken = 0;
        });
    }

    auto remove_chunks() -> bool {
        return for_each_chunk([](choices& c, std::size_t from, std::size_t to) {
            c.erase(c.begin() + static_cast<std::ptrdiff_t>(from), c.begin() + static_cast<std::ptrdiff_t>(to));
        });
    }

    /// Tries a change on halves, quarters, … single decisions, from the back, where changes disturb least.
    template <typename Change>
    auto for_each_chunk(Change change) -> bool {
        bool any = false;
        for (auto length = (best_.size() + 1) / 2; length > 0 && attempts_ > 0; length /= 2) {
            for (auto to = best_.size(); to > 0 && attempts_ > 0;) {
                to = std::min(to, best_.size());
                auto const from = to > length ? to - length : 0;
                auto candidate = best_;
                change(candidate, from, to);
                if (adopt_if_it_fails(std::move(candidate))) any = true;
                to = from;
            }
        }
        return any;
    }

    auto lower_each() -> bool {
        bool any = false;
        for (std::size_t i = 0; i < best_.size() && attempts_ > 0; ++i) {
            while (i < best_.size() && best_[i].taken > 1) {
                auto candidate = best_;
                candidate[i].taken /= 2;
                if (!adopt_if_it_fails(std::move(candidate))) break;
                any = true;
            }
        }
        return any;
    }

    choices best_;
    std::function<bool(trace const&)> const& fails_;
    std::size_t attempts_;
};

}  // namespace

auto shrink(trace failing, std::function<bool(trace const&)> const& fails, std::size_t attempts) -> trace {
    return shrinker{std::move(failing), fails, attempts}.run();
}

}  // namespace sluice::testing
