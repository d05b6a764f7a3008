#include <algorithm>
#include <sluice/words.hpp>

namespace sluice::detail {

auto lower_case_function::lower_case_long(text characters) -> text {
    auto const is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (std::ranges::none_of(characters, is_upper)) return characters;
    auto* const chunk = core::text_chunk::make(characters.size());
    std::ranges::transform(characters, chunk->data(),
                           [&](char c) { return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c; });
    return text_access::cut(chunk, chunk->data(), characters.size(), [] {});
}

}  // namespace sluice::detail
