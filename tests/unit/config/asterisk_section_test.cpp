#include "unit/config/loading.hpp"

namespace dialhook::config::test {
namespace {

TEST(AsteriskSection, FillsInTheArgumentsOfApplications)
{
    const auto loaded =
        load_well("asterisk: { dial: \"PJSIP/${destination}@trunk,30\", voicemail: \"${mailbox}@default,u\" }\n");
    EXPECT_EQ(loaded.asterisk.dial.filled("101"), "PJSIP/101@trunk,30");
    EXPECT_EQ(loaded.asterisk.voicemail.filled("101"), "101@default,u");
    EXPECT_EQ(loaded.asterisk.queue.filled("sales"), "sales");
}

TEST(AsteriskSection, FaultsAreNamed)
{
    EXPECT_EQ(
        faults_of("asterisk: { dial: \"PJSIP/101\", queue: \"${queue}${EXTEN}\", page: x }\n"),
        "1:19: asterisk.dial: found \"PJSIP/101\", expected the arguments of an application of Asterisk with "
        "${destination} in them once, and no other $\n"
        "1:39: asterisk.queue: found \"${queue}${EXTEN}\", expected the arguments of an application of Asterisk with "
        "${queue} in them once, and no other $\n"
        "1:59: asterisk: unknown key \"page\"; the keys here are dial, dial_sip, play, queue and voicemail");
}

TEST(FastAgi, HasAnAddressAndNetworks)
{
    const auto loaded = load_well("server: { fastagi: \"[::1]:4573\", fastagi_allow: [10.20.0.0/16] }\n");
    EXPECT_EQ(loaded.server.fastagi.listen->port(), 4573);
    EXPECT_TRUE(loaded.server.fastagi.listen->address().is_v6());
    EXPECT_EQ(loaded.server.fastagi.allow, std::vector{*egress::Network::parse("10.20.0.0/16")});
    EXPECT_FALSE(load_well("server: {}\n").server.fastagi.listen);
}

TEST(FastAgi, FaultsAreNamed)
{
    for (const char* wrong :
         {"127.0.0.1", "4573", "localhost:4573", "127.0.0.1:0", "\"[::1]\"", "127.0.0.1:65536", "\"::1\""})
    {
        const std::string yaml = "server: { fastagi: " + std::string(wrong) + " }\n";
        EXPECT_TRUE(faults_of(yaml).starts_with("1:20: server.fastagi: found ")) << faults_of(yaml);
    }
    EXPECT_EQ(
        faults_of("server: { fastagi_allow: [] }\n"),
        "1:26: server.fastagi_allow: found an empty list, expected at least one network; leave `fastagi` out to have "
        "no FastAGI");
    EXPECT_EQ(
        faults_of("server: { fastagi_allow: [10.0.0.1/8] }\n"),
        "1:27: server.fastagi_allow: found \"10.0.0.1/8\", expected an address or a network, such as 10.20.0.0/16");
}

} // namespace
} // namespace dialhook::config::test
