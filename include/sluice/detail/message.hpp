#pragma once

namespace sluice::detail {

/// Something a strand is to do once. Intrusive, so that sending a batch, an ask or an end allocates nothing.
/// Whoever is handed a message owns it: `handle` is called exactly once, with run = false when it is only to be
/// dropped.
struct message {
    using handler = void (*)(message& self, bool run) noexcept;

    message* next = nullptr;
    handler handle = nullptr;

    explicit message(handler h) noexcept : handle(h) {}
    message(message const&) = delete;
    auto operator=(message const&) -> message& = delete;

protected:
    ~message() = default;
};

/// First in, first out; not thread-safe.
class message_queue {
public:
    message_queue() = default;
    message_queue(message_queue const&) = delete;
    auto operator=(message_queue const&) -> message_queue& = delete;

    auto empty() const noexcept -> bool { return head_ == nullptr; }
    auto front() const noexcept -> message& { return *head_; }

    void push(message& m) noexcept {
        m.next = nullptr;
        *tail_ = &m;
        tail_ = &m.next;
    }
    void push_front(message& m) noexcept {
        m.next = head_;
        if (!head_) tail_ = &m.next;
        head_ = &m;
    }
    auto pop() noexcept -> message& {
        message& m = *head_;
        head_ = m.next;
        if (!head_) tail_ = &head_;
        m.next = nullptr;
        return m;
    }

private:
    message* head_ = nullptr;
    message** tail_ = &head_;
};

}  // namespace sluice::detail
