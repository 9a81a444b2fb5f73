#include "base/json_reader.hpp"

#include "base/ascii.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"

#include <utility>

namespace dialhook {
namespace {

/// Keeps a text with a lone surrogate apart from the same text without it.
constexpr std::uint32_t replacement_character = 0xFFFD;

bool is_high_surrogate(std::uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

bool is_low_surrogate(std::uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

} // namespace

JsonReader::JsonReader(std::string_view text, std::size_t max_depth)
    : text_(text)
    , max_depth_(max_depth)
{
}

bool JsonReader::fail()
{
    if (!std::exchange(failed_, true))
        failed_at_ = position_;
    return false;
}

bool JsonReader::fail_of_depth()
{
    too_deep_ = true;
    return fail();
}

void JsonReader::skip_space()
{
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t' ||
                                        text_[position_] == '\n' || text_[position_] == '\r'))
        ++position_;
}

bool JsonReader::take(char byte)
{
    if (position_ == text_.size() || text_[position_] != byte)
        return false;
    ++position_;
    return true;
}

JsonReader::Kind JsonReader::next()
{
    skip_space();
    if (failed_ || position_ == text_.size())
        return Kind::none;
    switch (text_[position_]) {
    case '{':
        return Kind::object;
    case '[':
        return Kind::array;
    case '"':
        return Kind::string;
    case 't':
    case 'f':
    case 'n':
        return Kind::literal;
    default:
        return ascii::is_digit(text_[position_]) || text_[position_] == '-' ? Kind::number : Kind::none;
    }
}

bool JsonReader::enter()
{
    const Kind kind = next();
    if (kind != Kind::object && kind != Kind::array)
        return fail();
    if (depth_ == max_depth_)
        return fail_of_depth();
    ++depth_;
    ++position_;
    entered_ = true;
    return true;
}

/// Eats the comma before an entry, or the closer after the last one.
bool JsonReader::starts_entry(char closer)
{
    if (failed_)
        return false;
    skip_space();
    const bool is_first = std::exchange(entered_, false);
    if (take(closer)) {
        --depth_;
        return false;
    }
    if (!is_first && !take(','))
        return fail();
    return true;
}

bool JsonReader::more_members(JsonString& name)
{
    if (!starts_entry('}'))
        return false;
    skip_space();
    if (!take_string(&name))
        return fail();
    skip_space();
    return take(':') || fail();
}

bool JsonReader::more_elements()
{
    return starts_entry(']');
}

bool JsonReader::read_string(JsonString& value)
{
    skip_space();
    return (!failed_ && take_string(&value)) || fail();
}

bool JsonReader::read_bool(bool& value)
{
    next();
    value = take_literal("true");
    return value || take_literal("false") || fail();
}

bool JsonReader::read_raw(std::string_view& raw)
{
    skip_space();
    const std::size_t start = position_;
    if (!skip())
        return false;
    raw = text_.substr(start, position_ - start);
    return true;
}

/// Without recursion: a line may open tens of thousands of brackets.
bool JsonReader::skip()
{
    std::string closers; // of the containers that are open
    while (true) {
        const Kind kind = next();
        if (kind == Kind::object || kind == Kind::array) {
            if (closers.size() == max_depth_ - depth_)
                return fail_of_depth();
            ++position_;
            closers += kind == Kind::object ? '}' : ']';
            skip_space();
            if (!take(closers.back())) {
                if (kind == Kind::object && !take_name())
                    return fail();
                continue;
            }
            closers.pop_back();
        } else if (!take_scalar(kind)) {
            return fail();
        }

        // One value is finished: so are the containers that it was the last of.
        while (!closers.empty() && (skip_space(), take(closers.back())))
            closers.pop_back();
        if (closers.empty())
            return true;
        if (!take(',') || (closers.back() == '}' && !take_name()))
            return fail();
    }
}

bool JsonReader::take_name()
{
    skip_space();
    if (!take_string(nullptr))
        return false;
    skip_space();
    return take(':');
}

bool JsonReader::take_scalar(Kind kind)
{
    switch (kind) {
    case Kind::string:
        return take_string(nullptr);
    case Kind::number:
        return take_number();
    case Kind::literal:
        return take_literal("true") || take_literal("false") || take_literal("null");
    default:
        return false;
    }
}

bool JsonReader::take_literal(std::string_view literal)
{
    if (text_.substr(position_, literal.size()) != literal)
        return false;
    position_ += literal.size();
    return true;
}

bool JsonReader::take_digits()
{
    const std::size_t start = position_;
    while (position_ < text_.size() && ascii::is_digit(text_[position_]))
        ++position_;
    return position_ != start;
}

bool JsonReader::take_number()
{
    take('-');
    if (!take('0') && !take_digits())
        return false;
    if (take('.') && !take_digits())
        return false;
    if (take('e') || take('E')) {
        if (!take('+'))
            take('-');
        return take_digits();
    }
    return true;
}

/// Nearly no string holds an escape. What one needs is kept out of here, or each would save registers for it.
bool JsonReader::take_string(JsonString* value)
{
    if (!take('"'))
        return false;
    const std::string_view plain = take_plain();
    if (!take('"'))
        return take_string_with_escapes(value, plain);
    if (value != nullptr)
        *value = {plain, false};
    return true;
}

std::string_view JsonReader::take_plain()
{
    const char* const start = text_.data() + position_;
    const std::string_view plain(start, plain_json_run({start, text_.size() - position_}));
    position_ += plain.size();
    return plain;
}

/// Goes on after the first bytes, which stand for themselves.
bool JsonReader::take_string_with_escapes(JsonString* value, std::string_view plain)
{
    const std::size_t decoded_start = decoded_.size();
    if (value != nullptr) {
        value->has_lone_surrogate = false;
        decoded_.reserve(text_.size());
        decoded_ += plain;
    }
    while (!take('"')) {
        if (!take('\\') || !take_escape(value))
            return false;
        plain = take_plain();
        if (value != nullptr)
            decoded_ += plain;
    }
    if (value != nullptr)
        value->text = std::string_view(decoded_).substr(decoded_start);
    return true;
}

bool JsonReader::take_escape(JsonString* value)
{
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (take('u'))
        return take_unicode_escape(value);
    const std::size_t letter = position_ < text_.size() ? letters.find(text_[position_]) : std::string_view::npos;
    if (letter == std::string_view::npos)
        return false;
    ++position_;
    if (value != nullptr)
        decoded_ += meanings[letter];
    return true;
}

bool JsonReader::take_unicode_escape(JsonString* value)
{
    std::uint32_t unit = 0;
    if (!take_hex4(unit))
        return false;
    bool is_lone = is_low_surrogate(unit);
    if (is_high_surrogate(unit)) {
        const std::size_t behind = position_;
        std::uint32_t low = 0;
        is_lone = !(take('\\') && take('u') && take_hex4(low) && is_low_surrogate(low));
        if (is_lone)
            position_ = behind; // what follows is read by itself
        else
            unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
    }
    if (value == nullptr)
        return true;
    value->has_lone_surrogate |= is_lone;
    text::append_code_point(decoded_, is_lone ? replacement_character : unit);
    return true;
}

bool JsonReader::take_hex4(std::uint32_t& unit)
{
    unit = 0;
    for (int count = 0; count < 4; ++count, ++position_) {
        const int digit = position_ < text_.size() ? text::hex_value(text_[position_]) : -1;
        if (digit < 0)
            return false;
        unit = unit << 4U | static_cast<std::uint32_t>(digit);
    }
    return true;
}

bool JsonReader::at_end()
{
    skip_space();
    return !failed_ && position_ == text_.size();
}

} // namespace dialhook
