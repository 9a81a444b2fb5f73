#include "config/odd_text.hpp"

#include "base/lookalike.hpp"
#include "yaml/shown.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dialhook::config {
namespace {

bool is_quotation_mark(const Lookalike& character)
{
    return character.meant == "\"" || character.meant == "'";
}

bool has_odd_quotes(std::string_view text)
{
    auto found = first_lookalike(text);
    if (!found || found->offset != 0 || !is_quotation_mark(*found))
        return false;
    auto last = found;
    for (; found; found = first_lookalike(text, found->offset + found->size))
        last = found;
    return last->offset + last->size == text.size() && is_quotation_mark(*last);
}

/// Persian and the scripts of India have joiners between letters, emoji too; the space of Japanese is a wide one.
bool belongs_to_a_script(std::string_view text, const Lookalike& character)
{
    constexpr char32_t non_joiner = 0x200C;
    constexpr char32_t joiner = 0x200D;
    constexpr char32_t wide_space = 0x3000;
    const bool may_belong = character.code == non_joiner || character.code == joiner || character.code == wide_space;
    const auto is_of_a_script = [text](std::size_t at) {
        return at < text.size() && static_cast<unsigned char>(text[at]) > 0x7F;
    };
    return may_belong && character.offset > 0 && is_of_a_script(character.offset - 1) &&
           is_of_a_script(character.offset + character.size);
}

std::optional<Lookalike> odd_in(std::string_view text)
{
    const bool is_quoted = has_odd_quotes(text);
    for (auto found = first_lookalike(text); found; found = first_lookalike(text, found->offset + found->size)) {
        const bool is_blank = found->is_blank_or_invisible && !belongs_to_a_script(text, *found);
        if (is_blank || (is_quoted && found->offset == 0))
            return found;
    }
    return std::nullopt;
}

} // namespace

void warn_of_odd_text(const Value& scalar)
{
    if (const auto found = odd_in(scalar.written()))
        scalar.warn_in_text(found->offset, "this text has " + name_of(*found) + " in it: " + remedy(*found));
}

void warn_of_odd_key(const Value& value)
{
    if (const auto found = odd_in(value.name()))
        value.warn_of_key("the key " + in_quotes(value.name()) + " has " + name_of(*found) +
                          " in it: " + remedy(*found));
}

} // namespace dialhook::config
