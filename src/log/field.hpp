#pragma once

#include "log/level.hpp"

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

/// What a log record is made of.
namespace dialhook::log {

/// A number written with this many decimals (0 to 9): `Decimal{12.44, 1}` is 12.4.
struct Decimal
{
    double value = 0;
    int places = 1;

    bool operator==(const Decimal&) const = default;
};

/// Text, a whole number, or a decimal. Text is a view: a log copies it while it is written, and keeps none.
class FieldValue
{
public:
    FieldValue(std::string_view text)
        : held_(text)
    {
    }
    FieldValue(const std::string& text)
        : held_(std::string_view(text))
    {
    }
    FieldValue(const char* text)
        : held_(std::string_view(text))
    {
    }
    FieldValue(Decimal number)
        : held_(number)
    {
    }

    /// One beyond the range of int64 becomes its largest.
    template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>) FieldValue(Number number)
        : held_(std::in_range<std::int64_t>(number) ? static_cast<std::int64_t>(number)
                                                    : std::numeric_limits<std::int64_t>::max())
    {
    }

    const std::string_view* text() const { return std::get_if<std::string_view>(&held_); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&held_); }
    const Decimal* decimal() const { return std::get_if<Decimal>(&held_); }

private:
    std::variant<std::string_view, std::int64_t, Decimal> held_;
};

/// The name of a field: a literal of the program, 1 to 48 of `[a-z0-9_]`, checked by the compiler, so that it costs
/// nothing to write it. Not `time`, `level` or `message`, which every JSON line has.
class Key
{
public:
    Key() = default;

    template <std::size_t Size>
    consteval Key(const char (&literal)[Size])
        : text_(literal, Size - 1)
    {
        constexpr std::size_t longest = 48;
        if (text_.empty() || text_.size() > longest || text_ == "time" || text_ == "level" || text_ == "message")
            throw "not the name of a field";
        for (const auto character : text_)
            if (!((character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '_'))
                throw "not the name of a field";
    }

    operator std::string_view() const { return text_; }

private:
    std::string_view text_;
};

/// One named value of a record.
struct Field
{
    Key key;
    FieldValue value;
};

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A record as it is formatted: a view of bytes that somebody else holds.
struct Record
{
    Time time;
    Level level = Level::info;
    std::string_view message;
    std::span<const Field> fields;
};

} // namespace dialhook::log
