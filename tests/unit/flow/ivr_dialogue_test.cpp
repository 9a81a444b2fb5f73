#include "flow/ivr_dialogue.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace dialhook::flow {
namespace {

Ivr ivr_of(std::uint16_t max_attempts)
{
    Ivr ivr;
    ivr.max_attempts = max_attempts;
    ivr.start_message = "start";
    ivr.incorrect_message = "incorrect";
    ivr.timeout_message = "timeout";
    return ivr;
}

Decision replied(Status status, int http_status = 200)
{
    Decision decision = status == Status::ack   ? Decision::success()
                        : status == Status::nak ? Decision::failure(Reason::nak)
                                                : Decision::failure(Reason::err);
    decision.status = status;
    decision.http_status = http_status;
    decision.source = Source::url;
    decision.callername = "Jan";
    decision.variables = {{"k", "v"}};
    return decision;
}

// ---- Every sequence of events against a model

/// What can happen after a question, as the model sees it.
enum class Happens
{
    ack,
    nak,
    err,
    http_failure,
    bad_reply,
    silence,
    empty_code
};
constexpr int kinds = 7;

IvrEvent event_of(Happens what)
{
    switch (what) {
    case Happens::ack:
        return replied(Status::ack);
    case Happens::nak:
        return replied(Status::nak);
    case Happens::err:
        return replied(Status::err);
    case Happens::http_failure:
        return Decision::failure(Reason::timeout);
    case Happens::bad_reply:
        return Decision::failure(Reason::bad_reply);
    case Happens::silence:
        return NoCode{};
    case Happens::empty_code:
        return EmptyCode{};
    }
    return NoCode{};
}

std::string shown(const IvrAction& action)
{
    if (const auto* ask = std::get_if<Collect>(&action))
        return "ask " + std::to_string(ask->attempt) + " " + std::string(ask->play);
    const auto& end = std::get<Conclude>(action);
    const Decision& decision = end.decision;
    return "end " + std::string(decision.reason() ? to_string(*decision.reason()) : "success") + " status " +
           std::string(decision.status ? to_string(*decision.status) : "none") + " http " +
           std::to_string(decision.http_status.value_or(0)) + " play " + std::string(end.play);
}

/// The specification said once more, over the whole history at once instead of step by step.
std::string model(int max_attempts, const std::vector<Happens>& history)
{
    int http_status = 0;
    for (const Happens what : history)
        if (what == Happens::ack || what == Happens::nak || what == Happens::err)
            http_status = 200;
    const std::string http = " http " + std::to_string(http_status);
    const auto used = static_cast<int>(history.size());
    switch (history.back()) {
    case Happens::ack:
        return "end success status ACK" + http + " play ";
    case Happens::err:
        return "end err status ERR" + http + " play ";
    case Happens::http_failure:
        return "end timeout status none http 0 play ";
    case Happens::bad_reply:
        return "end bad_reply status none http 0 play ";
    case Happens::nak:
    case Happens::empty_code:
        return used == max_attempts ? "end ivr_attempts status NAK" + http + " play incorrect"
                                    : "ask " + std::to_string(used + 1) + " incorrect";
    case Happens::silence:
        return used == max_attempts ? "end ivr_timeout status none http 0 play timeout"
                                    : "ask " + std::to_string(used + 1) + " timeout";
    }
    return {};
}

TEST(IvrDialogue, EverySequenceOfEventsIsAsTheModelSays)
{
    std::size_t checked = 0;
    for (int max_attempts = 1; max_attempts <= 5; ++max_attempts) {
        const Ivr ivr = ivr_of(static_cast<std::uint16_t>(max_attempts));
        const std::function<void(const IvrDialogue&, std::vector<Happens>&)> follow =
            [&](const IvrDialogue& before, std::vector<Happens>& history) {
                for (int kind = 0; kind < kinds; ++kind) {
                    history.push_back(static_cast<Happens>(kind));
                    // As an engine does: nothing but attempt and HTTP status go from question to question.
                    IvrDialogue dialogue(ivr, before.attempt(), before.http_status());
                    const IvrAction action = dialogue.take(event_of(history.back()));
                    ASSERT_EQ(shown(action), model(max_attempts, history));
                    ++checked;
                    if (std::holds_alternative<Collect>(action))
                        follow(dialogue, history);
                    history.pop_back();
                }
            };
        std::vector<Happens> history;
        follow(IvrDialogue(ivr), history);
    }
    // Three events lead on (NAK, an empty code, silence): 7 * (3^0 + … + 3^(n-1)) cases for n attempts.
    EXPECT_EQ(checked, 7U * (1 + 4 + 13 + 40 + 121));
}

TEST(IvrDialogue, StartsWithItsStartMessage)
{
    const Ivr ivr = ivr_of(3);
    EXPECT_EQ(IvrDialogue(ivr).start(), (Collect{"start", 1}));
}

TEST(IvrDialogue, TheLastReplysTextsAreHandedOn)
{
    const Ivr ivr = ivr_of(1);
    IvrDialogue dialogue(ivr);
    Decision nak = replied(Status::nak, 404);
    const auto end = std::get<Conclude>(dialogue.take(std::move(nak)));
    EXPECT_EQ(end.decision.callername, "Jan");
    EXPECT_EQ(end.decision.variables, (Variables{{"k", "v"}}));
    EXPECT_EQ(end.decision.http_status, 404);
    EXPECT_EQ(end.decision.source, Source::url);
}

TEST(IvrDialogue, ADialogueThatWasShortenedMeanwhileEnds)
{
    const Ivr ivr = ivr_of(2);
    IvrDialogue dialogue(ivr, 7);
    EXPECT_EQ(shown(dialogue.take(NoCode{})), "end ivr_timeout status none http 0 play timeout");
}

// ---- Codes

TEST(Ivr, ReadsWhatTheKeysOfATelephoneGive)
{
    Ivr ivr = ivr_of(3);
    ivr.max_digits = 6;
    struct
    {
        const char* typed;
        const char* code;
    } const cases[] = {
        {"1234", "1234"},
        {"1234#", "1234"},
        {"12#4", "12#4"},
        {"#", ""},
        {"", ""},
        {"##", "#"},
        {"*21*", "*21*"},
        {"ABCD", "ABCD"},
        {"123456", "123456"},
        {"123456#", "123456"},
    };
    for (const auto& [typed, code] : cases) {
        const auto read = ivr.read_code(typed);
        ASSERT_TRUE(read) << typed;
        EXPECT_EQ(read->view(), code) << typed;
    }
    ivr.terminator = '*';
    EXPECT_EQ(ivr.read_code("12#*")->view(), "12#");
}

TEST(Ivr, RefusesEverythingElse)
{
    Ivr ivr = ivr_of(3);
    ivr.max_digits = 6;
    for (const char* typed : {"12 34", "abcd", "E", "12-34", "+31", "\xC2\xB2", "1\n", "\xD9\xA1", "1;2", "%31"})
        EXPECT_EQ(ivr.read_code(typed).error(), CodeFault::not_keys) << typed;
    EXPECT_EQ(ivr.read_code(std::string("1\0", 2)).error(), CodeFault::not_keys);
    for (const char* typed : {"1234567", "1234567#", "123456##", "########"})
        EXPECT_EQ(ivr.read_code(typed).error(), CodeFault::too_long) << typed;
    EXPECT_TRUE(ivr.read_code("#######")) << "the last one ends the other six";
}

} // namespace
} // namespace dialhook::flow
