#include "fans.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sluice/sluice.hpp>
#include <sluice/testing/testing.hpp>
#include <string>
#include <vector>

#include "fans_ledger.hpp"

namespace fans {
namespace {

/// The producer, the consumers, and what happens to them.
class fan {
public:
    fan(simulation& home, profile const& may)
        : home_(home),
          decider_(home.get_chooser()),
          may_(may),
          book_(std::make_shared<ledger>(ledger{.home = home, .decider = home.get_chooser()})) {}

    void run() {
        draw();
        auto const n = decider_.choose(may_.consumers) + 1;
        make_producer();
        for (std::size_t i = 0; i < std::max(n, book_->partitions); ++i) add_consumer(true);
        home_.run();  // nothing is served before forward
        set_demand(sluice::demand_flow::forward);
        for (auto left = may_.disturbances; left > 0; --left) {
            home_.run_ready(decider_.choose(60));
            disturb();
        }
        if (may_.informs) inform();
        home_.run();
        set_demand(sluice::demand_flow::forward);
        home_.run();
        if (fan_out_) fan_out_->close();
        home_.run();
        if (!book_->producer_ended && !fan_out_) {  // events for a partition that was left wait for its next consumer
            invariant(may_.disturbances > 0 || may_.redeliver, "the producer does not end");
            book_->producer_stopped = true;
            producer_->stop();
        }
        if (fan_out_) fan_out_->stop();
        home_.run();
        check();
        producer_.reset();
        fan_out_.reset();
        consumers_.clear();
        home_.run();
    }

private:
    void draw() {
        constexpr kind all[] = {kind::demand, kind::broadcast, kind::weighted, kind::round_robin, kind::partitions};
        book_->dispatcher = may_.dispatcher == kind::any ? decider_.pick(all) : may_.dispatcher;
        book_->last = decider_.choose(may_.events) + 1;
        book_->redeliver = may_.redeliver;
        if (may_.redeliver) book_->failures = decider_.choose(4);
        if (may_.redeliver && book_->dispatcher == kind::broadcast) book_->dispatcher = kind::demand;
        book_->generous = decider_.choose(4) == 3;
        if (book_->dispatcher == kind::partitions) book_->partitions = decider_.choose(2) + 1;
    }

    template <class F>
    void with_dispatcher(F make) {
        switch (book_->dispatcher) {
            case kind::broadcast: return make(sluice::broadcast_dispatcher<event>{});
            case kind::weighted: return make(sluice::weighted_dispatcher<event>{});
            case kind::round_robin: return make(sluice::round_robin_dispatcher<event>{});
            case kind::partitions: {
                auto hash = [book = book_.get()](event const& e) { return book->partition_of(e.value()); };
                auto const limit = decider_.choose(3) * 2;
                bool const ahead = limit > 0 && decider_.coin();
                constexpr sluice::on_leave leaving[] = {sluice::on_leave::keep, sluice::on_leave::drop,
                                                        sluice::on_leave::fail};
                auto when_left = may_.disturbances > 0 ? decider_.pick(leaving) : sluice::on_leave::keep;
                // A fan_out that fails tells nobody but its consumers, and the ledger would not know.
                if (is_free_standing_ && when_left == sluice::on_leave::fail) when_left = sluice::on_leave::drop;
                return make(sluice::partition_dispatcher<event>({.partitions = book_->partitions,
                                                                 .queue_limit = limit,
                                                                 .on_leave = when_left,
                                                                 .queue_ahead = ahead},
                                                                hash));
            }
            default: return make(sluice::demand_dispatcher<event>{});
        }
    }

    void make_producer() {
        sluice::outlet_options out{.demand = sluice::demand_flow::accumulate};
        if (may_.pushes) {
            out.buffer_size = decider_.choose(4);
            out.buffer_keep = decider_.coin() ? sluice::buffer_keep::first : sluice::buffer_keep::last;
        }
        // A body's emit waits behind what is pushed, so its events would come out in another order than they were made.
        auto const manner = may_.pushes ? 1 : decider_.choose(3);
        is_free_standing_ = manner == 2;
        with_dispatcher([&](auto dispatcher) {
            auto lose = [book = book_](events some, sluice::discard_reason) {
                for (auto const& each : some) book->lost.push_back(each.value());
            };
            if (manner == 2) {
                fan_out_.emplace(home_, std::move(dispatcher), out);
                fan_out_->on_discard(lose);
                feed();
                return;
            }
            if (manner == 0) {
                producer_.emplace(home_, out, std::move(dispatcher), emit_all, book_);
            } else {
                producer_.emplace(home_, out, std::move(dispatcher), answering{book_});
            }
            producer_->on_discard(lose);
            sluice::async_run(*producer_, [book = book_](std::exception_ptr error) {
                book->producer_ended = true;
                if (error) book->producer_stopped = true;
            });
        });
    }
    void feed() {
        while (static_cast<std::size_t>(book_->made) < book_->last) {
            auto const n = decider_.choose(4) + 1;
            fan_out_->async_dispatch(book_->make(n), [](std::exception_ptr, bool) {});
        }
    }
    void set_demand(sluice::demand_flow flow) {
        if (fan_out_) {
            fan_out_->set_demand(flow);
        } else {
            producer_->set_demand(flow);
        }
    }

    auto terms(taker& t) -> options {
        constexpr sluice::cancel_mode modes[] = {sluice::cancel_mode::transient, sluice::cancel_mode::temporary,
                                                 sluice::cancel_mode::permanent};
        options terms{.max_demand = decider_.choose(6) + 1, .cancel = decider_.pick(modes)};
        t.permanent = t.permanent || terms.cancel == sluice::cancel_mode::permanent;
        terms.min_demand = decider_.choose(terms.max_demand);
        terms.priority = static_cast<int>(decider_.choose(2));
        terms.weight = decider_.choose(3) + 1;
        t.weight = book_->dispatcher == kind::weighted ? terms.weight : 1;
        terms.redeliver = may_.redeliver;
        if (decider_.choose(4) == 3) terms.max_weight = decider_.choose(6) + 1;
        if (book_->generous) {
            terms.max_demand = 1000;
            terms.min_demand = std::nullopt;
        }
        if (book_->partitions > 0) terms.partition = t.partition = t.number % book_->partitions;
        return terms;
    }
    auto source_for(taker& t) -> sluice::source<event> {
        auto const with = terms(t);
        auto from = fan_out_ ? sluice::from(*fan_out_, with) : sluice::from(*producer_, with);
        if (with.max_weight > 0) {
            from = std::move(from).weigh([](event const& e) { return static_cast<std::size_t>(e.value() % 4); });
        }
        if (t.divisor == 0) return from;
        return std::move(from).select([d = static_cast<int>(t.divisor)](event const& e) { return e.value() % d == 0; });
    }
    void add_consumer(bool whole) {
        auto& t = book_->takers.emplace_back();
        t.number = book_->takers.size() - 1;
        t.whole = whole;
        if (book_->dispatcher == kind::broadcast && decider_.coin()) t.divisor = decider_.choose(3) + 1;
        auto from = source_for(t);
        switch (decider_.choose(3)) {
            case 0: consumers_.emplace_back(home_, std::move(from), take, book_, std::ref(t)); break;
            case 1: consumers_.emplace_back(home_, std::move(from), look, book_, std::ref(t)); break;
            default: consumers_.emplace_back(home_, std::move(from), looking{book_, &t}); break;
        }
        consumers_.back().on_discard([book = book_, &t](events some, sluice::discard_reason) {
            for (auto const& each : some) t.lost.push_back(each.value());
        });
        sluice::async_run(consumers_.back(), [book = book_, &t](std::exception_ptr) { t.ended = true; });
    }

    /// To the same producer on other terms; it misses nothing.
    void resubscribe() {
        auto const i = decider_.choose(consumers_.size());
        auto& t = book_->takers[i];
        if (!t.over.valid()) return;
        t.resubscribed = true;
        if (t.permanent) t.whole = false;
        consumers_[i].async_resubscribe(t.over, {}, source_for(t),
                                        [](boost::system::error_code, sluice::subscription const&) {});
    }

    void disturb() {
        switch (decider_.choose(may_.pushes ? 7 : 6)) {
            case 0: add_consumer(false); break;
            case 1: {
                auto const i = decider_.choose(consumers_.size());
                book_->takers[i].whole = false;
                consumers_[i].stop();
                break;
            }
            case 2: inform(); break;
            case 3:
                if (producer_ && decider_.choose(3) == 0) {
                    book_->producer_stopped = true;
                    producer_->stop();
                }
                break;
            case 4: resubscribe(); break;
            case 5: set_demand(decider_.coin() ? sluice::demand_flow::accumulate : sluice::demand_flow::forward); break;
            default: push(); break;
        }
    }
    void inform() {
        if (!producer_) return;
        auto const n = book_->informs++;
        bool const pushes = may_.pushes && decider_.coin();
        producer_->async_inform(
            [book = book_, n, pushes](sluice::outlet<event>& out) {
                book->informed.push_back(n);
                if (!pushes) return;
                ++book->last;
                out.push(book->make(1));
            },
            [book = book_](std::exception_ptr error) { book->uninformed += error != nullptr; });
    }
    void push() {
        if (!producer_) return;
        auto const n = decider_.choose(6) + 1;
        book_->last += n;
        producer_->async_visit([book = book_, n](sluice::outlet<event>& out) { out.push(book->make(n)); },
                               [](std::exception_ptr) {});
    }

    void check() const {
        invariant(std::ranges::is_sorted(book_->informed), "informs came in another order");
        invariant(book_->informed.size() + book_->uninformed == book_->informs, "an inform was not answered");
        for (auto const& t : book_->takers) {
            invariant(t.ended, "a consumer does not end");
            check_order(t);
        }
        if (book_->redeliver) return check_at_least_once();
        if (book_->dispatcher == kind::broadcast) return check_shared();
        std::vector<int> all = book_->lost;
        for (auto const& t : book_->takers) {
            all.insert(all.end(), t.got.begin(), t.got.end());
            all.insert(all.end(), t.lost.begin(), t.lost.end());
        }
        std::ranges::sort(all);
        std::vector<int> expected;
        for (int id = 0; id < book_->made; ++id) {
            bool const unwanted = book_->dispatcher == kind::partitions && !book_->partition_of(id);
            if (!unwanted || std::ranges::count(book_->lost, id) > 0) expected.push_back(id);
        }
        invariant(all == expected, "an event was delivered twice, or neither delivered nor reported: " + list(all));
        if (may_.disturbances == 0 && !may_.pushes) {
            invariant(book_->lost.empty(), "an event was discarded");
            check_fair();
        }
    }
    void check_at_least_once() const {
        if (book_->producer_stopped) return;  // there is nobody to send again what a consumer has in its hands
        for (int id = 0; id < book_->made; ++id) {
            auto const is_it = [id](int each) { return each == id; };
            bool const unwanted = book_->dispatcher == kind::partitions && !book_->partition_of(id);
            bool known = unwanted || std::ranges::any_of(book_->lost, is_it);
            for (auto const& t : book_->takers) {
                known = known || std::ranges::any_of(t.got, is_it) || std::ranges::any_of(t.lost, is_it);
            }
            invariant(known, "event " + std::to_string(id) + " was neither delivered nor reported");
        }
    }
    /// Who takes turns has had one when there were enough events for three rounds.
    void check_fair() const {
        bool const turns = book_->dispatcher == kind::weighted || book_->dispatcher == kind::round_robin;
        if (!turns || !book_->generous) return;
        std::size_t round = 0;
        for (auto const& t : book_->takers) round += t.weight;
        if (static_cast<std::size_t>(book_->made) < 3 * round) return;
        for (auto const& t : book_->takers) invariant(!t.got.empty(), "a consumer has never had its turn");
    }
    static auto list(std::vector<int> const& all) -> std::string {
        std::string text;
        for (int id : all) text += std::to_string(id) + ' ';
        return text;
    }
    void check_order(taker const& t) const {
        bool const in_order = std::ranges::adjacent_find(t.got, std::greater_equal<>()) == t.got.end();
        invariant(in_order || book_->redeliver, "a consumer received events twice or in another order");
        for (int id : t.got) invariant(book_->wants(t, id), "a consumer received an event that is not for it");
    }
    void check_shared() const {
        std::map<int, std::size_t> lost;
        for (int id : book_->lost) ++lost[id];
        for (int id = 0; id < book_->made; ++id) {
            auto const discarded = lost.contains(id) ? lost[id] : 0;
            invariant(discarded <= 1, "an event was reported twice");
            for (auto const& t : book_->takers) {
                auto const given = std::ranges::count(t.got, id) + std::ranges::count(t.lost, id);
                invariant(given <= 1, "an event was given twice to one consumer");
                invariant(given == 0 || discarded == 0, "an event was given to a consumer and reported lost");
                bool const due = t.whole && discarded == 0 && book_->wants(t, id);
                invariant(!due || given == 1, "event " + std::to_string(id) + " did not reach consumer " +
                                                  std::to_string(t.number) + ", and nobody was told");
            }
        }
        if (may_.disturbances == 0 && !may_.pushes) invariant(book_->lost.empty(), "an event was discarded");
    }

    simulation& home_;
    chooser& decider_;
    profile const may_;
    ledger_ptr book_;
    bool is_free_standing_ = false;
    std::optional<sluice::producer<event>> producer_;
    std::optional<sluice::fan_out<event>> fan_out_;
    std::deque<sluice::consumer<event>> consumers_;
};

}  // namespace

void run_random_fan(simulation& home, profile const& may) {
    fan all{home, may};
    all.run();
}

}  // namespace fans
