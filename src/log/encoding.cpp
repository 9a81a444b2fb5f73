#include "encoding.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace dialhook::log {
namespace {

constexpr std::string_view cut_mark = "...";

enum class Kind : unsigned char
{
    text,
    integer,
    decimal
};

// A record: its time, a word of (message size, level, number of fields), the message; for each field the address of its
// key, a word of (key size, kind, size of the text or places of the decimal), the value. Whole words, because a
// structure would be put together in memory and then copied before the processor has it.
constexpr std::size_t record_header = 16;
constexpr std::size_t field_header = 16;

constexpr std::uint64_t pack(std::uint64_t size, std::uint64_t small, std::uint64_t other)
{
    return size | small << 16U | other << 32U;
}

constexpr std::size_t size_in(std::uint64_t word)
{
    return word & 0xffffU;
}

constexpr unsigned char small_in(std::uint64_t word)
{
    return static_cast<unsigned char>(word >> 16U);
}

constexpr std::uint32_t other_in(std::uint64_t word)
{
    return static_cast<std::uint32_t>(word >> 32U);
}

std::size_t stored_size(std::string_view text)
{
    return std::min(text.size(), longest_text);
}

std::span<const Field> stored(std::span<const Field> fields)
{
    return fields.first(std::min(fields.size(), most_fields));
}

template <typename Plain>
unsigned char* put(unsigned char* place, const Plain& plain)
{
    std::memcpy(place, &plain, sizeof plain);
    return place + sizeof plain;
}

unsigned char* put_bytes(unsigned char* place, std::string_view bytes)
{
    if (!bytes.empty()) // memcpy takes no null, even for nothing
        std::memcpy(place, bytes.data(), bytes.size());
    return place + bytes.size();
}

unsigned char* put_text(unsigned char* place, std::string_view text)
{
    if (text.size() <= longest_text)
        return put_bytes(place, text);
    return put_bytes(put_bytes(place, text.substr(0, longest_text - cut_mark.size())), cut_mark);
}

unsigned char* put_field_header(unsigned char* place, std::string_view key, Kind kind, std::size_t detail)
{
    place = put(place, key.data());
    return put(place, pack(key.size(), static_cast<unsigned char>(kind), detail));
}

unsigned char* put_field(unsigned char* place, const Field& field)
{
    if (const auto* text = field.value.text())
        return put_text(put_field_header(place, field.key, Kind::text, stored_size(*text)), *text);
    if (const auto* integer = field.value.integer())
        return put(put_field_header(place, field.key, Kind::integer, 0), *integer);

    const auto& decimal = *field.value.decimal();
    const auto places = static_cast<std::size_t>(std::clamp(decimal.places, 0, 9));
    return put(put_field_header(place, field.key, Kind::decimal, places), decimal.value);
}

/// Takes plain values and texts off the front of an encoded record.
class Cursor
{
public:
    explicit Cursor(const unsigned char* place)
        : place_(place)
    {
    }

    template <typename Plain>
    Plain take()
    {
        Plain plain;
        std::memcpy(&plain, place_, sizeof plain);
        place_ += sizeof plain;
        return plain;
    }

    std::string_view take_text(std::size_t size)
    {
        const std::string_view text(reinterpret_cast<const char*>(place_), size);
        place_ += size;
        return text;
    }

private:
    const unsigned char* place_;
};

Value take_value(Cursor& cursor, Kind kind, std::uint32_t detail)
{
    switch (kind) {
    case Kind::text:
        return cursor.take_text(detail);
    case Kind::integer:
        return cursor.take<std::int64_t>();
    case Kind::decimal:
        break;
    }
    return Decimal{cursor.take<double>(), static_cast<int>(detail)};
}

Field take_field(Cursor& cursor)
{
    const auto* const key = cursor.take<const char*>();
    const auto word = cursor.take<std::uint64_t>();
    return {Key::again({key, size_in(word)}), take_value(cursor, static_cast<Kind>(small_in(word)), other_in(word))};
}

Time take_time(Cursor& cursor)
{
    return Time(std::chrono::nanoseconds(cursor.take<std::int64_t>()));
}

} // namespace

std::size_t encoded_size(std::string_view message, std::span<const Field> fields)
{
    auto size = record_header + stored_size(message);
    for (const auto& field : stored(fields)) {
        const auto* text = field.value.text();
        size += field_header + (text != nullptr ? stored_size(*text) : 8);
    }
    return size;
}

void encode(unsigned char* place, const Record& record)
{
    const auto fields = stored(record.fields);
    place = put(place, std::int64_t{record.time.time_since_epoch().count()});
    place = put(place, pack(stored_size(record.message), static_cast<unsigned char>(record.level), fields.size()));
    place = put_text(place, record.message);
    for (const auto& field : fields)
        place = put_field(place, field);
}

Time encoded_time(std::span<const unsigned char> bytes)
{
    Cursor cursor(bytes.data());
    return take_time(cursor);
}

Record decode(std::span<const unsigned char> bytes, std::vector<Field>& fields)
{
    Cursor cursor(bytes.data());
    const auto time = take_time(cursor);
    const auto word = cursor.take<std::uint64_t>();
    const auto message = cursor.take_text(size_in(word));

    fields.clear();
    for (auto left = other_in(word); left > 0; --left)
        fields.push_back(take_field(cursor));
    return {time, static_cast<Level>(small_in(word)), message, fields};
}

} // namespace dialhook::log
