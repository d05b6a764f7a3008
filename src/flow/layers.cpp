#include <algorithm>
#include <boost/system/system_error.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/flow/layers.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice::detail {
namespace {

std::string const behind_it = "behind it, ";

auto flow_ended() -> std::exception_ptr {
    return std::make_exception_ptr(boost::system::system_error(errc::flow_ended, "flow::async_resize"));
}

/// Its subscriptions that there are at the moment.
auto links_to(stage_core const& consumer) -> std::vector<link_ptr> {
    std::vector<link_ptr> all;
    for (auto const* each : consumer.inlets()) each->tell(all);
    return all;
}

/// Another subscription between the same ends but one.
auto like(link const& model, strand& producer, outlet_base& out, stage_core& consumer, inlet_base& in) -> link_ptr {
    link_ptr made(
        new link(strand_ptr(&producer), out, strand_ptr(&consumer), in, model.options(), model.shared_terms()));
    made->comes_late = true;
    return made;
}

auto outlet_like(link const& over, stage_core const& model, stage_core const& made) -> outlet_base& {
    auto const& all = model.outlets();
    auto const at = std::ranges::find(all, &over.outlet());
    return *made.outlets()[static_cast<std::size_t>(at - all.begin())];
}

}  // namespace

auto stage_title(std::string const& title, std::size_t index, std::size_t count) -> std::string {
    return count > 1 ? title + " " + std::to_string(index + 1) : title;
}

flow_layers::flow_layers(std::vector<flow_layer> layers, std::vector<stage_ptr> const& feeding,
                         std::shared_ptr<running_stages> stages, group_core& group)
    : layers_(std::move(layers)), stages_(std::move(stages)), group_(&group) {
    for (auto& each : layers_) each.numbered = each.stages.size();
    for (auto const& each : feeding) {
        auto const layer = layer_of(*each);
        if (layer && layers_[*layer].fixed_because.empty())
            layers_[*layer].fixed_because = "stages that somebody else runs get its events";
    }
    for (auto i = layers_.size(); i-- > 0;) {
        if (layers_[i].is_chained && !layers_[i].fixed_because.empty()) fix_those_before(i);
    }
}

void flow_layers::fix_those_before(std::size_t fixed) {
    auto const& why = layers_[fixed].fixed_because;
    auto const because = why.starts_with(behind_it) ? why : behind_it + why;
    for (auto const& each : layers_[fixed].stages) {
        for (auto const* in : each->inlets()) {
            for (auto const& over : in->links()) {
                auto const before = layer_of(over->producer());
                if (before && layers_[*before].fixed_because.empty()) layers_[*before].fixed_because = because;
            }
        }
    }
}

auto flow_layers::layer_of(strand const& s) const -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        for (auto const& each : layers_[i].stages) {
            if (each.get() == &s) return i;
        }
    }
    return std::nullopt;
}

auto flow_layers::index_of(std::string const& name, std::size_t stages) const -> std::size_t {
    auto const is_it = [&name](flow_layer const& each) { return each.name == name; };
    auto const found = std::ranges::find_if(layers_, is_it);
    if (name.empty() || found == layers_.end()) {
        throw_invalid_option("flow::async_resize: no layer of this flow is named '" + name +
                             "'; a name is given by flow::shuffle(...).named(...)");
    }
    if (std::ranges::count_if(layers_, is_it) > 1)
        throw_invalid_option("flow::async_resize: several layers of this flow are named '" + name + "'");
    if (stages < 1 || stages > 4096) {
        throw_invalid_option("flow::async_resize: the number of stages must be 1 to 4096 (got " +
                             std::to_string(stages) + ")");
    }
    if (!found->fixed_because.empty()) {
        throw boost::system::system_error(errc::layer_is_fixed,
                                          "flow::async_resize: '" + name + "': " + found->fixed_because);
    }
    return static_cast<std::size_t>(found - layers_.begin());
}

auto flow_layers::running(std::size_t layer) const -> std::vector<stage_ptr> {
    std::vector<stage_ptr> all;
    for (auto const& each : layers_[layer].stages) {
        if (group_->is_running(*each)) all.push_back(each);
    }
    return all;
}

void flow_layers::resize(std::size_t layer, std::size_t stages, std::unique_ptr<run_completion> who) {
    orders_.push_back({layer, stages, std::move(who)});
    if (orders_.size() == 1) next();
}

void flow_layers::next() {
    while (!orders_.empty()) {
        auto const& [layer, wanted, who] = orders_.front();
        auto const there = running(layer);
        if (!there.empty() && there.size() == wanted) {
            end_order(nullptr);
        } else if (there.empty() || group_->is_closing()) {
            end_order(flow_ended());
        } else if (there.size() < wanted && links_to(*there.front()).empty()) {
            end_order(flow_ended());  // those before it have ended, and so would a stage more
        } else if (there.size() < wanted) {
            return grow(layer, *there.front());
        } else {
            return shrink(there.back());
        }
    }
}

void flow_layers::end_order(std::exception_ptr error) {
    auto const done = std::move(orders_.front().who);
    orders_.pop_front();
    done->complete(std::move(error));
}

// Consumers first: as long as they know of the new stage they do not end, and what it gets is not lost. Only then it is
// subscribed to those before it.
void flow_layers::grow(std::size_t layer, stage_core const& model) {
    auto& made = copy(model, layer);
    for (auto const& over : links_to(model))
        feeds_.push_back(like(*over, over->producer(), over->outlet(), made, *made.inlets().front()));
    auto const joins = std::exchange(joins_, {});
    answers_left_ = joins.size() + 1;
    for (auto const& each : joins) {
        send_function(*each.consumer, [each, tell = answer()] {
            each.in->join(each.over);
            tell();
        });
    }
    answered();
}

auto flow_layers::answer() -> std::function<void()> {
    return [all = shared_from_this(), group = boost::intrusive_ptr<group_core>(group_)] {
        send_function(*group, [all] { all->answered(); });
    };
}

auto flow_layers::copy(stage_core const& model, std::size_t layer) -> stage_core& {
    auto fresh = layers_[layer].another();
    auto& made = *access::core(fresh);
    auto const number = layers_[layer].numbered++;
    made.name = stage_title(layers_[layer].title, number, number + 1);
    made.logger = model.logger;
    stages_->add(access::core(fresh), *layers_[layer].stages.back());
    layers_[layer].stages.push_back(access::core(fresh));
    made_.push_back(std::move(fresh));
    for (auto const& each : stages_->all()) {
        for (auto const& over : links_to(*each)) {
            if (&over->producer() != &model) continue;
            auto const behind = layer_of(*each);
            bool const is_chained = behind && layers_[*behind].is_chained;
            auto& consumer = is_chained ? copy(*each, *behind) : *each;
            auto& in = is_chained ? *consumer.inlets().front() : over->inlet();
            auto& out = outlet_like(*over, model, made);
            joins_.push_back({stage_ptr(&consumer), &in, like(*over, made, out, consumer, in)});
        }
    }
    return made;
}

void flow_layers::answered() {
    if (--answers_left_ > 0) return;
    auto const made = std::exchange(made_, {});
    auto const feeds = std::exchange(feeds_, {});
    if (made.empty()) return next();
    if (!group_->is_closing()) return run_made(made, feeds);
    for (auto const& each : made) {
        access::core(each)->stop(end_reason());
        forget(*access::core(each));
    }
    next();
}

void flow_layers::run_made(std::vector<stage> const& made, std::vector<link_ptr> const& feeds) {
    answers_left_ = made.size();
    for (auto i = made.size(); i-- > 0;) {
        auto const& core = access::core(made[i]);
        send_function(*core, [core, feeds = i == 0 ? feeds : std::vector<link_ptr>(), tell = answer()] {
            for (auto const& over : feeds) over->inlet().join(over);
            for (auto* in : core->inlets()) in->let_end();
            for (auto* out : core->outlets()) out->let_end();
            tell();
        });
        group_->run_here(core);
    }
}

void flow_layers::shrink(stage_ptr const& which) {
    leaving_.push_back(which);
    for (std::size_t i = 0; i < leaving_.size(); ++i) {
        for (auto const& each : stages_->all()) {
            auto const layer = layer_of(*each);
            if (!layer || !layers_[*layer].is_chained || !group_->is_running(*each)) continue;
            for (auto const& over : links_to(*each)) {
                bool const is_new = std::ranges::find(leaving_, each) == leaving_.end();
                if (is_new && &over->producer() == leaving_[i].get()) leaving_.push_back(each);
            }
        }
    }
    send_function(*which, [which] { which->retire(); });
}

void flow_layers::ended(stage_core& which) {
    if (std::erase(leaving_, &which) == 0) return;
    forget(which);
    if (leaving_.empty()) next();
}

void flow_layers::forget(stage_core const& which) {
    stages_->remove(which);
    for (auto& each : layers_) std::erase(each.stages, &which);
}

void flow_layers::abandoned() noexcept {
    auto const orders = std::exchange(orders_, {});
    made_.clear();
    feeds_.clear();
    joins_.clear();
    leaving_.clear();
}

}  // namespace sluice::detail
