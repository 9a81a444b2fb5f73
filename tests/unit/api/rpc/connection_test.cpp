#include "api/rpc/connection_state.hpp"
#include "api/rpc/line_buffer.hpp"
#include "api/rpc/outbox.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace dialhook::rpc {
namespace {

// ---- State

TEST(ConnectionState, EveryEventInEveryState)
{
    constexpr auto reading = State::reading;
    constexpr auto paused = State::paused;
    constexpr auto finishing = State::finishing;
    constexpr auto gone = State::gone;
    struct
    {
        ConnectionEvent event;
        State after_reading, after_paused, after_finishing, after_gone;
    } const table[] = {
        {ConnectionEvent::backlog_full, paused, paused, finishing, gone},
        {ConnectionEvent::backlog_low, reading, reading, finishing, gone},
        {ConnectionEvent::input_ended, finishing, finishing, finishing, gone},
        {ConnectionEvent::all_answered, reading, paused, gone, gone},
        {ConnectionEvent::connection_lost, gone, gone, gone, gone},
    };
    for (const auto& row : table) {
        const auto number = static_cast<int>(row.event);
        EXPECT_EQ(after(reading, row.event), row.after_reading) << number;
        EXPECT_EQ(after(paused, row.event), row.after_paused) << number;
        EXPECT_EQ(after(finishing, row.event), row.after_finishing) << number;
        EXPECT_EQ(after(gone, row.event), row.after_gone) << number;
    }
}

TEST(ConnectionState, AHangUpEndsItOnceNothingIsReadAnyMore)
{
    EXPECT_FALSE(watches_for_hangup(State::reading)) << "what lies before the end is read first";
    EXPECT_TRUE(watches_for_hangup(State::paused));
    EXPECT_TRUE(watches_for_hangup(State::finishing));
    EXPECT_FALSE(watches_for_hangup(State::gone));
}

// ---- Lines

/// The lines that `pieces` hold together, and the start of one after them.
std::vector<std::string> lines_of(const std::vector<std::string_view>& pieces)
{
    LineBuffer buffer;
    std::vector<std::string> lines;
    for (const std::string_view piece : pieces)
        EXPECT_TRUE(buffer.add(piece, [&](std::string_view line) {
            lines.emplace_back(line);
            return true;
        }));
    lines.emplace_back(buffer.start());
    return lines;
}

TEST(LineBuffer, LinesAreTheSameHoweverTheyCome)
{
    constexpr std::string_view text = "one\n\ntwo\nthree";
    const std::vector<std::string> expected{"one", "", "two", "three"};
    for (std::size_t first = 0; first <= text.size(); ++first)
        for (std::size_t second = first; second <= text.size(); ++second)
            EXPECT_EQ(lines_of({text.substr(0, first), text.substr(first, second - first), text.substr(second)}),
                      expected)
                << first << ' ' << second;
    EXPECT_EQ(lines_of({}), std::vector<std::string>{""});
}

TEST(LineBuffer, StopsAtALineThatIsRefused)
{
    for (const std::string_view before : {"", "o"}) {
        LineBuffer buffer;
        ASSERT_TRUE(buffer.add(before, [](std::string_view) { return true; }));
        std::vector<std::string> lines;
        EXPECT_FALSE(buffer.add("1\n2\n3\n", [&](std::string_view line) {
            lines.emplace_back(line);
            return lines.size() < 2;
        }));
        EXPECT_EQ(lines, (std::vector<std::string>{std::string(before) + "1", "2"}));
    }
}

// ---- Answers

auto text(std::string_view answer)
{
    return [answer](std::string& out) { out += answer; };
}

TEST(Outbox, AnswersAreLinesInTheirOrder)
{
    Outbox box;
    EXPECT_EQ(box.unsent(), "");
    box.add(nullptr, text("1"));
    box.add(nullptr, text("")); // a notification
    box.add(nullptr, text("2"));
    EXPECT_EQ(box.unsent(), "1\n2\n");
    box.sent(3);
    box.trim();
    EXPECT_EQ(box.unsent(), "\n");
    box.add(nullptr, text("3"));
    EXPECT_EQ(box.unsent(), "\n3\n");
    box.sent(3);
    box.trim();
    EXPECT_EQ(box.unsent(), "");
}

TEST(Outbox, ABatchGoesOutWhenItsLastAnswerIsThere)
{
    Outbox box;
    Batch batch{.unanswered = 4, .answers = {}};
    box.add(&batch, text(""));
    box.add(&batch, text("1"));
    box.add(nullptr, text("alone"));
    box.add(&batch, text(""));
    EXPECT_EQ(box.held(), 1U);
    EXPECT_EQ(box.unsent(), "alone\n");
    box.add(&batch, text("2"));
    EXPECT_EQ(box.held(), 0U);
    EXPECT_EQ(box.unsent(), "alone\n[1,2]\n");

    Batch notifications{.unanswered = 1, .answers = {}};
    box.add(&notifications, text(""));
    EXPECT_EQ(box.unsent(), "alone\n[1,2]\n");
}

TEST(Outbox, WhatWasSentOfALongBacklogIsForgotten)
{
    Outbox box;
    const std::string long_answer(1024UL * 1024, 'x');
    box.add(nullptr, text(long_answer));
    box.sent(100'000);
    box.trim();
    EXPECT_EQ(box.unsent().size(), long_answer.size() + 1 - 100'000);
    box.sent(box.unsent().size());
    box.trim();
    box.add(nullptr, text("1"));
    EXPECT_EQ(box.unsent(), "1\n");
}

} // namespace
} // namespace dialhook::rpc
