#include "api/fastagi/script.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace dialhook::fastagi {
namespace {

boost::system::result<Script, Refused> script_of(std::initializer_list<std::string> lines)
{
    AgiEnvironment environment;
    for (const std::string& line : lines)
        EXPECT_TRUE(environment.take("agi_" + line)) << line;
    return read_script(environment);
}

TEST(Script, NamesAWebhookAndHasTheCall)
{
    const auto script = script_of({"network_script: webhook/CRM%20connection", "callerid: 04930123",
                                   "calleridname: Anna \"Q\" M\xC3\xBCller", "callingpres: 0", "dnid: unknown",
                                   "extension: +31502102544", "uniqueid: 17.1"});
    ASSERT_TRUE(script);
    EXPECT_EQ(script->webhook, "CRM connection");
    EXPECT_EQ(script->call.did.str(), "+31502102544");
    EXPECT_EQ(script->call.callerid.str(), "04930123");
    EXPECT_EQ(script->call.callername.str(), "Anna \"Q\" M\xC3\xBCller");
    EXPECT_EQ(script->call.call_id.str(), "17.1");
    EXPECT_EQ(script->call.presentation, Presentation::allowed);
}

TEST(Script, TheDnidComesBeforeTheExtension)
{
    EXPECT_EQ(script_of({"network_script: dialplan", "dnid: 1", "extension: s"})->call.did.str(), "1");
    EXPECT_EQ(script_of({"network_script: /dialplan", "extension: s"})->call.did.str(), "s");
    EXPECT_EQ(script_of({"network_script: dialplan", "extension: s"})->webhook, std::nullopt);
}

TEST(Script, TheQueryStringOverrides)
{
    const auto script = script_of({"network_script: webhook/a?x=1&did=+31%2B&callerid=&callername=a%26b+c&did=2",
                                   "dnid: 9", "callerid: 8", "calleridname: n"});
    EXPECT_EQ(script->webhook, "a");
    EXPECT_EQ(script->call.did.str(), "+31+");
    EXPECT_TRUE(script->call.callerid.empty());
    EXPECT_EQ(script->call.callername.str(), "a&b+c");
}

TEST(Script, ADidThatIsUnknownOverridesNothing)
{
    for (const char* query : {"did=unknown", "did=unknow%6E&x=1", "did"}) {
        const std::string script = std::string("network_script: webhook/a?") + query;
        EXPECT_EQ(script_of({script, "dnid: 9", "extension: s"})->call.did.str(), "9") << query;
        EXPECT_EQ(script_of({script, "dnid: unknown", "extension: s"})->call.did.str(), "s") << query;
        EXPECT_FALSE(script_of({script, "dnid: unknown", "extension: unknown"})) << query;
    }
}

TEST(Script, PresentationIsThatOfQ931)
{
    struct
    {
        const char* callingpres;
        Presentation presentation;
    } const cases[] = {
        {"0", Presentation::allowed},
        {"3", Presentation::allowed},
        {"32", Presentation::prohibited},
        {"35", Presentation::prohibited},
        {"67", Presentation::allowed},
        {"-1", Presentation::allowed},
        {"x", Presentation::allowed},
        {"", Presentation::allowed},
        {"99999999999999999999", Presentation::allowed},
    };
    for (const auto& [callingpres, presentation] : cases)
        EXPECT_EQ(script_of({"network_script: dialplan", "dnid: 1", std::string("callingpres: ") + callingpres})
                      ->call.presentation,
                  presentation)
            << callingpres;
}

TEST(Script, TextsAreMadeFit)
{
    const std::string text(300, 'a');
    const auto script = script_of({"network_script: dialplan", "dnid: " + text, "calleridname: M\xFCller",
                                   "callerid: " + std::string(255, '1') + "\xE2\x82\xAC"});
    EXPECT_EQ(script->call.did.str(), text.substr(0, 256));
    EXPECT_EQ(script->call.callername.str(), "M\xC3\xBCller") << "Latin-1";
    EXPECT_EQ(script->call.callerid.str(), std::string(255, '1')) << "no half of a character";
}

TEST(Script, RefusesWhatItCannotServe)
{
    EXPECT_EQ(script_of({"network_script: dialplan"}).error().why,
              "the channel has no number that was called; add ?did=${EXTEN} to the agi:// address");
    for (const char* path : {"", "webhook", "Webhook/a", "webhooks/a", "dialplan/x", "other", "//dialplan"})
        EXPECT_EQ(script_of({std::string("network_script: ") + path, "dnid: 1"}).error().why,
                  "the agi:// address must end in /webhook/NAME, /dialplan or /event/NAME")
            << path;
}

} // namespace
} // namespace dialhook::fastagi
