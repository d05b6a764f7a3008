#include <sluice/text.hpp>

#include <functional>
#include <new>
#include <stdexcept>

namespace sluice {
namespace core {

auto text_chunk::make(std::size_t capacity) -> text_chunk* {
    if (capacity > static_cast<std::size_t>(PTRDIFF_MAX) - sizeof(text_chunk) - slack)
        throw std::bad_array_new_length{};
    void* const memory = ::operator new(sizeof(text_chunk) + capacity + slack);
    auto* const chunk = ::new (memory) text_chunk{capacity};
    std::memset(chunk->data() + capacity, 0, slack);
    return chunk;
}

void text_chunk::destroy() noexcept {
    this->~text_chunk();
    ::operator delete(this);
}

}  // namespace core

text::text(std::string_view characters) {
    if (characters.size() <= inline_capacity) {
        std::array<char, 24> padded{};
        characters.copy(padded.data(), inline_capacity);
        set_short(padded.data(), characters.size());
    } else {
        auto* const chunk = core::text_chunk::make(characters.size());
        characters.copy(chunk->data(), characters.size());
        set_long(chunk, chunk->data(), characters.size());
    }
}

auto text::at(std::size_t position) const -> char const& {
    if (position >= size()) throw std::out_of_range{"text::at: position is not less than the size"};
    return data()[position];
}

auto text::substr(std::size_t position, std::size_t count) const -> text {
    if (position > size()) throw std::out_of_range{"text::substr: position is greater than the size"};
    return part(data() + position, std::min(count, size() - position));
}

auto slice(text const& whole, std::string_view part) -> text {
    if (part.empty()) return text{};
    std::less<> const before;  // ordered also for pointers into different objects
    if (before(part.data(), whole.begin()) || before(whole.end(), part.data() + part.size())) {
        throw std::out_of_range{"slice: the part does not lie in the whole"};
    }
    return whole.part(part.data(), part.size());
}

auto text::compact() const -> text {
    if (!is_long() || chunk()->capacity() / 2 <= size()) return *this;
    return text{view()};
}

}  // namespace sluice
