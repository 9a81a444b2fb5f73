#include "api/fastagi/environment.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace dialhook::fastagi {
namespace {

TEST(AgiEnvironment, TakesWhatAsteriskSays)
{
    AgiEnvironment environment;
    for (const char* line : {"agi_network: yes", "agi_callerid: unknown", "agi_accountcode: ",
                             "agi_calleridname: Anna \"Q\": x", "agi_arg_1: two words", "agi_dnid:31"})
        EXPECT_TRUE(environment.take(line)) << line;
    EXPECT_EQ(environment.value("agi_network"), "yes");
    EXPECT_EQ(environment.value("agi_callerid"), "") << "`unknown` is no value";
    EXPECT_EQ(environment.value("agi_accountcode"), "");
    EXPECT_EQ(environment.value("agi_calleridname"), "Anna \"Q\": x");
    EXPECT_EQ(environment.value("agi_dnid"), "31");
    EXPECT_EQ(environment.value("agi_none"), "");
}

/// What Asterisk says of a call to 600, with one value replaced.
AgiEnvironment with(const std::string& name, const std::string& value, const std::string& argument = {})
{
    const std::pair<std::string, std::string> said[] = {{"network", "yes"},
                                                        {"network_script", "webhook/crm"},
                                                        {"request", "agi://127.0.0.1/webhook/crm"},
                                                        {"channel", "PJSIP/1"},
                                                        {"language", "en"},
                                                        {"type", "PJSIP"},
                                                        {"uniqueid", "17.1"},
                                                        {"version", "22"},
                                                        {"callerid", "+31612345678"},
                                                        {"calleridname", "Jan"},
                                                        {"callingpres", "0"},
                                                        {"callingani2", "0"},
                                                        {"callington", "0"},
                                                        {"callingtns", "0"},
                                                        {"dnid", "600"},
                                                        {"rdnis", "unknown"},
                                                        {"context", "in"},
                                                        {"extension", "600"},
                                                        {"priority", "1"},
                                                        {"enhanced", "0.0"},
                                                        {"accountcode", ""},
                                                        {"threadid", "139971730"}};
    std::string block;
    for (const auto& [key, ordinary] : said)
        block += "agi_" + key + ": " + (key == name ? value : ordinary) + "\n";
    if (!argument.empty())
        block += "agi_arg_1: " + argument + "\nagi_arg_2: last\n";
    AgiEnvironment environment;
    while (!block.empty()) {
        const auto end = block.find('\n');
        EXPECT_TRUE(environment.take(block.substr(0, end)));
        block.erase(0, end + 1);
    }
    return environment;
}

void expect_ordinary(const AgiEnvironment& environment, const std::string& broken)
{
    const std::pair<const char*, const char*> expected[] = {
        {"agi_network_script", "webhook/crm"},
        {"agi_type", "PJSIP"},
        {"agi_uniqueid", "17.1"},
        {"agi_callerid", "+31612345678"},
        {"agi_calleridname", "Jan"},
        {"agi_callingpres", "0"},
        {"agi_dnid", "600"},
        {"agi_extension", "600"},
        {"agi_rdnis", ""},
    };
    for (const auto& [name, value] : expected)
        if (name != broken) {
            EXPECT_EQ(environment.value(name), value) << name << ", where " << broken << " was broken";
        }
}

TEST(AgiEnvironment, NoValueSetsAnother)
{
    const std::string forged[] = {
        "agi_dnid: 900",
        "agi_extension: 900",
        "agi_callingpres: 32",
        "agi_network_script: webhook/evil",
        "agi_uniqueid: 1",
        "agi_dnid: 900\nagi_extension: 900",
        "agi_extension: 900\nagi_dnid: 900",
        "agi_callingpres: 32\nagi_dnid: 900\nagi_dnid: 901",
        "agi_network_script: webhook/evil\nagi_dnid: 900\nagi_accountcode: x",
        "agi_rdnis: 900\n\nagi_dnid: 900",
        "no line of Asterisk's\nagi_dnid: 900",
    };
    for (const std::string& lines : forged) {
        for (const char* broken : {"callerid", "calleridname", "dnid", "rdnis", "extension", "accountcode", "context"})
        {
            const AgiEnvironment environment = with(broken, "x\n" + lines);
            expect_ordinary(environment, "agi_" + std::string(broken));
            EXPECT_EQ(environment.value("agi_accountcode"), std::string(broken) == "accountcode" ? "x" : "");
        }
        expect_ordinary(with("", "", "x\n" + lines), "an argument");
    }
}

TEST(AgiEnvironment, ANameThatForgesAllThatFollowsItSetsNothing)
{
    const std::string all =
        "x\nagi_callingpres: 32\nagi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: 900\n"
        "agi_rdnis: 900\nagi_context: in\nagi_extension: 900\nagi_priority: 1\nagi_enhanced: 0.0\n"
        "agi_accountcode: \nagi_threadid: 1";
    expect_ordinary(with("calleridname", all), "agi_calleridname");
    expect_ordinary(with("", "", all), "an argument");
}

TEST(AgiEnvironment, TwoValuesMayBeBroken)
{
    const AgiEnvironment environment = with("calleridname", "x\nagi_dnid: 900", "x\nagi_dnid: 901\nagi_uniqueid: 9");
    expect_ordinary(environment, "agi_calleridname");
}

TEST(AgiEnvironment, PassesOverWhatIsNoLineOfItsOwn)
{
    AgiEnvironment environment;
    for (const char* line : {"", "agi_x", "GET / HTTP/1.1", "Agi_x: 1", "agi_X: 1", "agi_a b: 1", ": 1", "HANGUP"})
        EXPECT_TRUE(environment.take(line)) << line;
    EXPECT_TRUE(environment.empty());
    EXPECT_EQ(environment.value("agi_X"), "");
}

TEST(AgiEnvironment, IsBounded)
{
    AgiEnvironment environment;
    for (std::size_t at = 0; at < AgiEnvironment::max_lines; ++at)
        EXPECT_TRUE(environment.take(at % 2 == 0 ? "agi_arg_" + std::to_string(at) + ": x" : "nonsense"));
    EXPECT_FALSE(environment.take("agi_arg_more: x"));

    AgiEnvironment long_one;
    for (int at = 0; at < 31; ++at)
        EXPECT_TRUE(long_one.take("agi_arg_1: " + std::string(1024, 'x'))) << at;
    EXPECT_FALSE(long_one.take(std::string(1024, 'x'))) << "32 KiB are enough for any channel";
}

} // namespace
} // namespace dialhook::fastagi
