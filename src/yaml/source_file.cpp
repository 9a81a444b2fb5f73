#include "yaml/source_file.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace dialhook::config {
namespace {

/// Returns the length of the line end that `text` starts with, or 0.
std::size_t line_end_at(std::string_view text)
{
    if (text.starts_with("\r\n"))
        return 2;
    if (text.starts_with('\n') || text.starts_with('\r'))
        return 1;
    if (text.starts_with("\xC2\x85"))
        return 2;
    if (text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9"))
        return 3;
    return 0;
}

/// A piece of a scalar as written, and how many bytes of its value it stands for; nothing at the scalar's first line
/// end.
struct Written
{
    std::size_t in_source = 0;
    std::size_t in_value = 0;
};

std::size_t utf8_size(std::string_view hexadecimal)
{
    std::uint32_t code = 0;
    for (const char digit : hexadecimal)
        code = code * 16 + static_cast<std::uint32_t>(text::hex_value(digit));
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

Written escape_at(std::string_view text)
{
    switch (text.size() < 2 ? '\n' : text[1]) {
    case 'x':
        return {4, utf8_size(text.substr(2, 2))};
    case 'u':
        return {6, utf8_size(text.substr(2, 4))};
    case 'U':
        return {10, utf8_size(text.substr(2, 8))};
    case 'N':
    case '_':
        return {2, 2};
    case 'L':
    case 'P':
        return {2, 3};
    case '\n':
    case '\r':
        return {};
    default:
        return {2, 1};
    }
}

Written piece_at(std::string_view text, char quote)
{
    if (text.empty() || line_end_at(text) > 0)
        return {};
    if (quote == '"' && text.front() == '\\')
        return escape_at(text);
    if (quote == '\'' && text.starts_with("''"))
        return {2, 1};
    const auto size = text::code_point_length(text, 0);
    return {size, size};
}

/// Anchor and tag stand before the scalar that they belong to, and libyaml's mark is theirs.
std::size_t properties_at(std::string_view text)
{
    std::size_t size = 0;
    while (size < text.size() && (text[size] == '&' || text[size] == '!')) {
        size = std::min(text.find_first_of(" \t\r\n", size), text.size());
        size = std::min(text.find_first_not_of(" \t", size), text.size());
    }
    return size;
}

} // namespace

SourceFile::SourceFile(FileNumber number, std::string text)
    : number_(number)
    , text_(std::move(text))
{
    if (text_.starts_with(text::byte_order_mark))
        text_.erase(0, text::byte_order_mark.size());
}

void SourceFile::step(Checkpoint& place) const
{
    if (const auto end = line_end_at(text().substr(place.offset)); end > 0) {
        place.offset += end;
        place.mark = {place.mark.line + 1, 1};
    } else {
        place.offset += text::code_point_length(text_, place.offset);
        ++place.mark.column;
    }
}

const std::vector<SourceFile::Checkpoint>& SourceFile::checkpoints() const
{
    constexpr std::size_t apart = 1024;
    if (!checkpoints_.empty())
        return checkpoints_;
    checkpoints_.push_back({0, {1, 1}});
    for (Checkpoint place = checkpoints_.front(); place.offset < text_.size(); step(place))
        if (place.offset - checkpoints_.back().offset >= apart)
            checkpoints_.push_back(place);
    return checkpoints_;
}

Mark SourceFile::mark_at(std::size_t offset) const
{
    const auto& known = checkpoints();
    Checkpoint place = *std::prev(std::ranges::upper_bound(known, offset, {}, &Checkpoint::offset));
    while (place.offset < std::min(offset, text_.size()))
        step(place);
    return place.mark;
}

std::size_t SourceFile::offset_of(Mark mark) const
{
    const auto& known = checkpoints();
    const auto after = std::ranges::upper_bound(known, std::max(mark, Mark{1, 1}), {}, &Checkpoint::mark);
    Checkpoint place = *std::prev(after);
    const auto is_past_its_line = [&] {
        return place.mark.line == mark.line && line_end_at(text().substr(place.offset)) > 0;
    };
    while (place.mark < mark && place.offset < text_.size() && !is_past_its_line())
        step(place);
    return std::min(place.offset, text_.size());
}

Mark SourceFile::mark_in_scalar(Mark mark, std::size_t offset) const
{
    const auto start = offset_of(mark);
    auto at = start + properties_at(text().substr(start));
    if (at == text_.size() || text_[at] == '|' || text_[at] == '>')
        return mark;
    const char quote = text_[at] == '"' || text_[at] == '\'' ? text_[at] : '\0';
    at += quote == '\0' ? 0 : 1;

    for (std::size_t value = 0; value < offset;) {
        const auto piece = piece_at(text().substr(at), quote);
        if (piece.in_source == 0)
            return mark;
        at += piece.in_source;
        value += piece.in_value;
    }
    return mark_at(at);
}

} // namespace dialhook::config
