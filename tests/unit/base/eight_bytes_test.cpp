#include "base/eight_bytes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dialhook::eight_bytes {
namespace {

constexpr auto controls = [](Word word) { return below(word, 0x20) | from_delete_on(word); };
constexpr auto equals_signs = [](Word word) { return equal(word, '='); };
constexpr auto no_ascii = [](Word word) { return beyond_ascii(word); };

/// Every byte at every place of texts of every size around one and two words, among others that are not marked.
TEST(EightBytes, FindsEachByteWhereverItStands)
{
    for (std::size_t size = 1; size <= 20; ++size)
        for (std::size_t place = 0; place < size; ++place)
            for (unsigned value = 0; value < 256; ++value) {
                std::string text(size, 'a');
                text[place] = static_cast<char>(value);
                ASSERT_EQ(none_in(text, controls), value >= 0x20 && value < 0x7F)
                    << size << ' ' << place << ' ' << value;
                ASSERT_EQ(none_in(text, equals_signs), value != '=') << size << ' ' << place << ' ' << value;
                ASSERT_EQ(none_in(text, no_ascii), value < 0x80) << size << ' ' << place << ' ' << value;
            }
    EXPECT_TRUE(none_in("", controls));
}

TEST(EightBytes, KnowsTheFirstWhateverStandsBehindIt)
{
    for (std::size_t place = 0; place < 8; ++place)
        for (const char behind : {'a', '\0', '\x1F', '\x20', '\x7E', '\x7F', '\x80', '\xFF'})
            for (const char first : {'\0', '\x1F', '\x7F', '\xFF'}) {
                std::string text(8, behind);
                text.replace(0, place, place, 'a');
                text[place] = first;
                EXPECT_EQ(before_first(controls(load(text.data()))), place);
            }
}

} // namespace
} // namespace dialhook::eight_bytes
