#include "yaml/source_file.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dialhook::config {

void PrintTo(const Mark& mark, std::ostream* out)
{
    *out << mark.line << ":" << mark.column;
}

namespace {

TEST(SourceFile, CountsLinesAndCodePoints)
{
    const SourceFile file(0, "ab\n\xC3\xA9z\r\nq\rr\xC2\x85s\xE2\x80\xA8t");
    const std::pair<std::size_t, Mark> places[] = {{0, {1, 1}},  {1, {1, 2}},  {3, {2, 1}},  {5, {2, 2}},
                                                   {8, {3, 1}},  {10, {4, 1}}, {13, {5, 1}}, {17, {6, 1}},
                                                   {18, {6, 2}}, {99, {6, 2}}};
    for (const auto& [offset, mark] : places) {
        EXPECT_EQ(file.mark_at(offset), mark) << offset;
        EXPECT_EQ(file.offset_of(mark), std::min<std::size_t>(offset, 18)) << offset;
    }
}

TEST(SourceFile, FindsPlacesInALargeFile)
{
    std::string text;
    std::vector<std::pair<std::size_t, Mark>> places; // every code point, counted from the start
    for (std::uint32_t line = 1; line <= 200; ++line) {
        for (std::uint32_t column = 1; column <= line % 90; ++column) {
            places.push_back({text.size(), {line, column}});
            text += column % 7 == 0 ? "\xE2\x82\xAC" : "x";
        }
        places.push_back({text.size(), {line, line % 90 + 1}});
        text += line % 3 == 0 ? "\r\n" : "\n";
    }
    const SourceFile file(0, text);
    for (const auto& [offset, mark] : places) {
        ASSERT_EQ(file.mark_at(offset), mark);
        ASSERT_EQ(file.offset_of(mark), offset);
    }
    EXPECT_EQ(file.offset_of({5, 999}), file.offset_of({5, 6})) << "the end of the line";
    EXPECT_EQ(file.offset_of({999, 1}), text.size());
}

TEST(SourceFile, DropsAByteOrderMark)
{
    EXPECT_EQ(SourceFile(0, "\xEF\xBB\xBF"
                            "a: b")
                  .text(),
              "a: b");
}

struct InScalar
{
    std::string_view line; ///< the scalar begins at column 4
    std::size_t offset;
    Mark expected;
};

TEST(SourceFile, FindsBytesOfAValueAsItIsWritten)
{
    const InScalar cases[] = {
        {"u: abcdef", 3, {1, 7}},
        {"u: abcdef", 6, {1, 10}},
        {"u: \xC3\xA9\xC3\xA9x", 4, {1, 6}},
        {"u: 'abc'", 2, {1, 7}},
        {"u: 'a''b'", 2, {1, 8}},
        {"u: \"abc\"", 2, {1, 7}},
        {"u: \"\\\"\\x41b\"", 2, {1, 11}},
        {"u: \"\\u00e9b\"", 2, {1, 11}},
        {"u: \"\\U0001F600b\"", 4, {1, 15}},
        {"u: \"\\N\\Lb\"", 5, {1, 9}},
        {"u: &anchor  abc", 1, {1, 14}},
        {"u: !!str 'abc'", 1, {1, 12}},
        {"u: &a !!str abc", 2, {1, 15}},
        // where a value goes on over several lines, its start is named
        {"u: ab\n   cd", 4, {1, 4}},
        {"u: \"ab\\\n   cd\"", 3, {1, 4}},
        {"u: |\n  abc", 1, {1, 4}},
        {"u: >-\n  abc", 1, {1, 4}},
        {"u: ", 0, {1, 4}},
    };
    for (const auto& [line, offset, expected] : cases)
        EXPECT_EQ(SourceFile(0, std::string(line)).mark_in_scalar({1, 4}, offset), expected) << line;
}

} // namespace
} // namespace dialhook::config
