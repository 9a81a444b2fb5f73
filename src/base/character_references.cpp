#include "base/character_references.hpp"

#include "base/text.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace dialhook::character_references {
namespace {

constexpr std::array<std::pair<std::string_view, char32_t>, 5> named = {
    {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};

/// The longest is `#x10FFFF`, and frameworks pad with zeros.
constexpr std::size_t max_reference = 12;

struct Reference
{
    char32_t code_point;
    std::size_t length; ///< with its `;`, without its `&`
};

std::optional<char32_t> number_of(std::string_view digits)
{
    int base = 10;
    if (digits.starts_with('x') || digits.starts_with('X')) {
        digits.remove_prefix(1);
        base = 16;
    }
    unsigned long number = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, number, base);
    const bool is_surrogate = number >= 0xD800 && number <= 0xDFFF;
    if (digits.empty() || read.ec != std::errc() || read.ptr != end || number > 0x10FFFF || is_surrogate)
        return std::nullopt;
    return static_cast<char32_t>(number);
}

/// HTML reads the numbers 80 to 9F as bytes of Windows-1252: `&#146;` is an apostrophe.
char32_t as_html_reads(char32_t number)
{
    if (number < 0x80 || number > 0x9F)
        return number;
    return text::code_point_at(text::utf8_or_windows_1252({static_cast<char>(static_cast<unsigned char>(number))}), 0);
}

/// Reads what follows an `&`.
std::optional<Reference> reference_at(std::string_view text)
{
    const std::size_t end = text.substr(0, max_reference).find(';');
    if (end == std::string_view::npos)
        return std::nullopt;
    const std::string_view name = text.substr(0, end);
    if (name.starts_with('#')) {
        const auto number = number_of(name.substr(1));
        return number ? std::optional(Reference{as_html_reads(*number), end + 1}) : std::nullopt;
    }
    for (const auto& [known, code_point] : named)
        if (name == known)
            return Reference{code_point, end + 1};
    return std::nullopt;
}

} // namespace

std::string undone(std::string_view utf8)
{
    std::string text;
    text.reserve(utf8.size());
    while (true) {
        const std::size_t ampersand = utf8.find('&');
        text += utf8.substr(0, ampersand);
        if (ampersand == std::string_view::npos)
            return text;
        utf8.remove_prefix(ampersand + 1);
        if (const auto reference = reference_at(utf8)) {
            text::append_code_point(text, reference->code_point);
            utf8.remove_prefix(reference->length);
        } else {
            text += '&';
        }
    }
}

bool continues_reference(std::string_view text)
{
    return reference_at(text).has_value();
}

std::size_t rest_of_ampersand(std::string_view text)
{
    if (!text.starts_with('a') && !text.starts_with('#')) // as nearly all text
        return 0;
    const auto reference = reference_at(text);
    return reference && reference->code_point == '&' ? reference->length : 0;
}

} // namespace dialhook::character_references
