#include "base/base64.hpp"
#include "flow/conversation.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dialhook::flow {
namespace {

using namespace std::string_literals;

Conversation ordinary()
{
    return {.call = {.did = *Did::from("+31502102544"),
                     .callerid = *CallText::from("+31612345678"),
                     .callername = *CallerName::from("Jan"),
                     .call_id = *CallText::from("1700000000.42")},
            .key = "+31502102544",
            .webhook = "CRM connection",
            .attempt = 2,
            .http_status = 200,
            .explain = true};
}

void expect_same(const Conversation& left, const Conversation& right)
{
    EXPECT_EQ(left.call.did, right.call.did);
    EXPECT_EQ(left.call.callerid, right.call.callerid);
    EXPECT_EQ(left.call.callername, right.call.callername);
    EXPECT_EQ(left.call.call_id, right.call.call_id);
    EXPECT_EQ(left.call.presentation, right.call.presentation);
    EXPECT_EQ(left.key, right.key);
    EXPECT_EQ(left.webhook, right.webhook);
    EXPECT_EQ(left.attempt, right.attempt);
    EXPECT_EQ(left.http_status, right.http_status);
    EXPECT_EQ(left.explain, right.explain);
    EXPECT_EQ(trace_id(left.call.trace), trace_id(right.call.trace));
    EXPECT_EQ(left.call.trace.sampled, right.call.trace.sampled);
    EXPECT_EQ(left.call.vars, right.call.vars);
}

TEST(State, CarriesTheWholeConversation)
{
    const auto read = from_state(to_state(ordinary()));
    ASSERT_TRUE(read);
    expect_same(*read, ordinary());

    Conversation bare{.call = {.did = *Did::from("1"), .callerid = {}, .callername = {}, .call_id = {}},
                      .key = {},
                      .webhook = "w",
                      .attempt = 1,
                      .http_status = {}};
    expect_same(*from_state(to_state(bare)), bare);
    bare.call.presentation = Presentation::prohibited;
    bare.attempt = 65535;
    bare.key = "";
    expect_same(*from_state(to_state(bare)), bare);
    bare.call.trace = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, true};
    expect_same(*from_state(to_state(bare)), bare);
    bare.call.trace.sampled = false;
    expect_same(*from_state(to_state(bare)), bare);
    bare.call.vars = {{"a", ""}, {"tenant", "Zo\xC3\xAB\r\n"}};
    expect_same(*from_state(to_state(bare)), bare);
}

TEST(State, RefusesVarsThatNoCallHas)
{
    const auto with = [](CallVars vars) {
        Conversation conversation = ordinary();
        conversation.call.vars = std::move(vars);
        return to_state(conversation);
    };
    CallVars most;
    for (char c = 'a'; c <= 'z'; ++c)
        most.push_back({{c}, std::string(1024, 'x')});
    EXPECT_TRUE(from_state(with(most)));
    const CallVars wrong[] = {
        {{"b", ""}, {"a", ""}},       {{"a", ""}, {"a", ""}},          {{"A", ""}},     {{"", ""}},
        {{std::string(33, 'a'), ""}}, {{"a", std::string(1025, 'x')}}, {{"a", "\xFF"}},
    };
    for (const CallVars& vars : wrong)
        EXPECT_FALSE(from_state(with(vars))) << vars.front().name;
}

TEST(State, CarriesEveryCallThatIsAllowed)
{
    Conversation widest = ordinary();
    std::string bytes;
    while (bytes.size() < 256)
        bytes += static_cast<char>(bytes.size() % 128);
    widest.call = {.did = *Did::from(bytes),
                   .callerid = *CallText::from(bytes),
                   .callername = *CallerName::from(bytes + bytes + bytes + bytes),
                   .call_id = *CallText::from(bytes)};
    widest.key = std::string(256, '9');
    widest.webhook = std::string(64, 'w');
    expect_same(*from_state(to_state(widest)), widest);
}

TEST(State, IsCompactTextForAnyChannel)
{
    const std::string state = to_state(ordinary());
    EXPECT_LT(state.size(), 200U);
    EXPECT_EQ(state.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"), state.npos);
}

/// The format of version 1 itself: a daemon of another build reads what this one wrote.
TEST(State, IsTheSameForEveryInstance)
{
    EXPECT_EQ(to_state(ordinary()), "dh1."
                                    "BgACAMgADCszMTUwMjEwMjU0NAAMKzMxNjEyMzQ1Njc4AANKYW4ADTE3MDAwMDAwMDAuNDIADkNSTSBjb2"
                                    "5uZWN0aW9uAAwrMzE1MDIxMDI1NDRF2sZA");
}

TEST(State, CutOnesAreRefused)
{
    const std::string state = to_state(ordinary());
    for (std::size_t size = 0; size < state.size(); ++size)
        EXPECT_FALSE(from_state(std::string_view(state).substr(0, size))) << size;
    for (std::size_t size = 1; size < state.size(); ++size)
        EXPECT_FALSE(from_state(std::string_view(state).substr(size))) << size;
}

TEST(State, ChangedOnesAreRefused)
{
    const std::string state = to_state(ordinary());
    for (std::size_t at = 0; at < state.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string changed = state;
            changed[at] = static_cast<char>(byte);
            EXPECT_EQ(from_state(changed).has_value(), changed == state) << at << ' ' << byte;
        }
        std::string without = state;
        EXPECT_FALSE(from_state(without.erase(at, 1))) << at;
        std::string twice = state;
        EXPECT_FALSE(from_state(twice.insert(at, 1, at + 1 < state.size() && state[at + 1] == 'A' ? 'B' : 'A'))) << at;
    }
    EXPECT_FALSE(from_state(state + "A"));
    EXPECT_FALSE(from_state(state + "\n"));
    EXPECT_FALSE(from_state(' ' + state));
}

TEST(State, OtherVersionsAreNamed)
{
    const std::string state = to_state(ordinary());
    for (const char* version : {"dh0", "dh2", "dh10", "dh999999999999999999999"})
        EXPECT_EQ(from_state(version + state.substr(3)).error(), BadState::other_version) << version;
    for (const char* nonsense : {"", "dh", "dh1", "dh.", "dhx.AAAA", "hello", "2.", ".", "{}", "dh1.", "dh1.AAAAAA"})
        EXPECT_EQ(from_state(nonsense).error(), BadState::damaged) << nonsense;
}

/// Field by field: a right checksum over wrong fields is no state either.
std::string forged(std::string fields)
{
    // CRC-32 of what the format covers, found by asking the reader for every change of a valid state would be no test;
    // it is computed bit by bit here, apart from the library that the code uses.
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char character : "dh1." + fields) {
        crc ^= static_cast<unsigned char>(character);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    crc = ~crc;
    for (unsigned shift = 32; shift != 0; shift -= 8)
        fields += static_cast<char>(crc >> (shift - 8) & 0xFFU);
    return "dh1." + base64::encoded(fields, base64::Form::url);
}

std::string field(const std::string& text)
{
    return std::string{static_cast<char>(text.size() >> 8U), static_cast<char>(text.size() & 0xFFU)} + text;
}

TEST(State, EachFieldIsChecked)
{
    const std::string head("\x00\x00\x01\x00\xC8", 5);
    const std::string call = field("+31") + field("") + field("") + field("");
    EXPECT_TRUE(from_state(forged(head + call + field("crm"))));
    EXPECT_TRUE(from_state(forged("\x04"s + head.substr(1) + call + field("crm") + field("+31*"))));

    const std::string wrong[] = {
        ""s,
        head,
        head + call,
        head + call + field("crm") + "x",
        head + call + field("crm") + field("+31*"),
        "\x00\x00\x00\x00\xC8"s + call + field("crm"), // no steps are run in front of a webhook alone
        "\x08"s + head.substr(1) + call + field("crm"),
        "\x04"s + head.substr(1) + call + field("crm"),
        "\x00\x00\x01\x00\x63"s + call + field("crm"),
        "\x00\x00\x01\x03\xE8"s + call + field("crm"),
        head + field("") + field("") + field("") + field("") + field("crm"),
        head + field(std::string(257, '1')) + field("") + field("") + field("") + field("crm"),
        head + field("1") + field(std::string(257, '1')) + field("") + field("") + field("crm"),
        head + field("1") + field("") + field(std::string(1025, '1')) + field("") + field("crm"),
        head + field("1") + field("\xFF") + field("") + field("") + field("crm"),
        head + call + field(""),
        head + call + field("c/rm"),
        head + call + field(std::string(65, 'w')),
        "\x04"s + head.substr(1) + call + field("crm") + field(std::string(257, '1')),
        head + call + "\xFF\xFF"s + "crm",
    };
    for (const std::string& fields : wrong)
        EXPECT_FALSE(from_state(forged(fields)));
}

TEST(State, RandomBytesAreRefused)
{
    std::mt19937 random(20261124);
    for (int round = 0; round < 20000; ++round) {
        std::string bytes;
        for (auto size = random() % 80; size != 0; --size)
            bytes += static_cast<char>(random());
        EXPECT_FALSE(from_state("dh1." + bytes));
        EXPECT_FALSE(from_state("dh1." + base64::encoded(bytes, base64::Form::url)));
        EXPECT_FALSE(from_state(bytes));
        static_cast<void>(from_state(forged(bytes))); // whatever it says, it says it without harm
    }
}

} // namespace
} // namespace dialhook::flow
