#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Eight bytes of a text looked at with a few operations on one word, as in Anderson's "Bit Twiddling Hacks". Most
/// bytes of a call are only looked at, and this takes half of the instructions that a byte at a time would.
///
/// A mark is the high bit of a byte. None is missing; above the lowest one in the word there may be wrong ones, so a
/// word without a mark holds no such byte, and the first mark is right.
namespace dialhook::eight_bytes {

static_assert(std::endian::native == std::endian::little, "the first byte of a text must be the lowest of its word");

using Word = std::uint64_t;

constexpr Word each(unsigned char byte)
{
    return Word{0x0101010101010101} * byte;
}

inline Word load(const char* text)
{
    Word word = 0;
    std::memcpy(&word, text, sizeof word);
    return word;
}

/// Marks the bytes below `limit`, which is at most 0x7F.
constexpr Word below(Word word, unsigned char limit)
{
    return (word - each(limit)) & ~word & each(0x80);
}

constexpr Word equal(Word word, char byte)
{
    return below(word ^ each(static_cast<unsigned char>(byte)), 1);
}

/// Marks DEL and the bytes that are no ASCII.
constexpr Word from_delete_on(Word word)
{
    return ((word + each(1)) | word) & each(0x80);
}

/// Marks the bytes that are no ASCII; all of these marks are right.
constexpr Word beyond_ascii(Word word)
{
    return word & each(0x80);
}

/// Returns how many bytes precede the first marked one; there is one.
constexpr std::size_t before_first(Word marks)
{
    return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

/// Returns a word of all bytes of a text that has 1 to 7; some are in it twice.
inline Word load_short(std::string_view text)
{
    const std::size_t size = text.size();
    if (size < 4) {
        const auto at = [&](std::size_t index) { return Word{static_cast<unsigned char>(text[index])}; };
        return at(0) * each(1) ^ ((at(0) ^ at(size / 2)) << 8U) ^ ((at(0) ^ at(size - 1)) << 16U);
    }
    std::uint32_t front = 0;
    std::uint32_t back = 0;
    std::memcpy(&front, text.data(), sizeof front);
    std::memcpy(&back, text.data() + size - sizeof back, sizeof back);
    return front | Word{back} << 32U;
}

/// Returns whether `marks`, a lambda so that it is inlined, marks none in any word. The last bytes may be looked at
/// twice, which is less work than to go through them one by one.
template <class Marks>
bool none_in(std::string_view text, Marks marks)
{
    constexpr std::size_t eight = sizeof(Word);
    if (text.size() < eight)
        return text.empty() || marks(load_short(text)) == 0;
    Word found = marks(load(text.data() + text.size() - eight));
    for (std::size_t index = 0; index + eight < text.size(); index += eight)
        found |= marks(load(text.data() + index));
    return found == 0;
}

} // namespace dialhook::eight_bytes
