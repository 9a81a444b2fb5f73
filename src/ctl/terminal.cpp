#include "ctl/terminal.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace dialhook::ctl {
namespace {

struct CodePoint
{
    char32_t value;
    std::size_t bytes;
};

/// Returns the code point that `text` starts with; nullopt if the bytes are not UTF-8. `text` is not empty.
std::optional<CodePoint> first_code_point(std::string_view text)
{
    const std::size_t bytes = text::sequence_length(text, 0);
    return bytes == 0 ? std::nullopt : std::optional(CodePoint{text::code_point_at(text, 0), bytes});
}

std::string visible(char32_t value)
{
    switch (value) {
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        break;
    }
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), value < 0x80 ? "\\x%02x" : "\\u{%04x}", static_cast<unsigned>(value));
    return text.data();
}

std::string visible_byte(char byte)
{
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "\\x%02x", static_cast<unsigned>(static_cast<std::uint8_t>(byte)));
    return text.data();
}

} // namespace

std::string harmless(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto next = first_code_point(text);
        const std::size_t bytes = next ? next->bytes : 1;
        if (!next)
            result += visible_byte(text.front());
        else if (text::steers_display(next->value))
            result += visible(next->value);
        else
            result += text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    return result;
}

std::size_t columns(std::string_view text)
{
    std::size_t count = 0;
    while (!text.empty()) {
        const auto next = first_code_point(text);
        const bool is_combining = next && next->value >= 0x0300 && next->value <= 0x036F;
        if (!is_combining)
            ++count;
        text.remove_prefix(next ? next->bytes : 1);
    }
    return count;
}

std::string table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows)
{
    std::vector<bool> to_the_right;
    std::vector<std::vector<std::string>> lines(1);
    for (const std::string& title : heading) {
        to_the_right.push_back(title.starts_with('>'));
        lines.front().push_back(title.substr(to_the_right.back() ? 1 : 0));
    }
    for (const auto& row : rows) {
        auto& line = lines.emplace_back();
        for (const std::string& cell : row)
            line.push_back(harmless(cell));
        line.resize(heading.size());
    }

    std::vector<std::size_t> widths(heading.size(), 0);
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], columns(line[i]));

    std::string text;
    for (const auto& line : lines) {
        std::string row;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string gap(widths[i] - columns(line[i]), ' ');
            row += i == 0 ? "" : "  ";
            row += to_the_right[i] ? gap + line[i] : line[i] + gap;
        }
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + '\n';
    }
    return text;
}

} // namespace dialhook::ctl
