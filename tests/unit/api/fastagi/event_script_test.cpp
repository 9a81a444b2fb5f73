#include "api/fastagi/event_script.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace dialhook::fastagi {
namespace {

AgiEnvironment environment_of(std::initializer_list<std::string> lines)
{
    AgiEnvironment environment;
    for (const std::string& line : lines)
        EXPECT_TRUE(environment.take("agi_" + line)) << line;
    return environment;
}

boost::system::result<events::Report, Refused> report_of(std::initializer_list<std::string> lines)
{
    const AgiEnvironment environment = environment_of(lines);
    EXPECT_TRUE(says_event(environment));
    return read_event_script(environment);
}

TEST(EventScript, IsToldByItsPath)
{
    EXPECT_TRUE(says_event(environment_of({"network_script: event/ended?reason=busy"})));
    EXPECT_TRUE(says_event(environment_of({"network_script: /event/ended"})));
    EXPECT_TRUE(says_event(environment_of({"network_script: event/"}))) << "and is refused";
    EXPECT_FALSE(says_event(environment_of({"network_script: webhook/event/ended"})));
    EXPECT_FALSE(says_event(environment_of({"network_script: event"})));
    EXPECT_FALSE(says_event(environment_of({"network_script: dialplan?x=event/ended"})));
}

TEST(EventScript, SaysWhatTheChannelIs)
{
    const auto report = report_of({"network_script: event/created?direction=inbound", "type: PJSIP", "uniqueid: 17.1",
                                   "callerid: +31612345678",
                                   R"(calleridname: Jan \"J\" M)"
                                   "\xFC"
                                   "ller",
                                   "callingpres: 32", "dnid: unknown", "extension: +31502102544"});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->call_id.str(), "17.1");
    EXPECT_EQ(report->kind, events::Kind::created);
    EXPECT_EQ(report->at, std::nullopt);
    EXPECT_FALSE(report->is_implied);
    EXPECT_EQ(report->facts.direction, events::Direction::inbound);
    EXPECT_EQ(report->shown.did.str(), "+31502102544");
    EXPECT_EQ(report->shown.callerid.str(), "+31612345678");
    EXPECT_EQ(report->shown.callername.str(), "Jan \"J\" Müller");
    EXPECT_EQ(report->shown.presentation, Presentation::prohibited);
    EXPECT_EQ(report->did(), report->shown.did);
    events::Facts said;
    said.direction = events::Direction::inbound;
    EXPECT_EQ(report->facts, said) << "and nothing of it is said";
}

TEST(EventScript, TheExtensionIsTheNumberOnlyWhereTheCallBegins)
{
    EXPECT_EQ(report_of({"network_script: event/ended", "uniqueid: 1", "dnid: unknown", "extension: s"})->did().str(),
              "");
    EXPECT_EQ(report_of({"network_script: event/ended", "uniqueid: 1", "dnid: 100", "extension: h"})->did().str(),
              "100");
    EXPECT_EQ(report_of({"network_script: event/created?did=+31%2B", "uniqueid: 1", "dnid: 100"})->did().str(), "+31+");
}

TEST(EventScript, TheQuerySaysAllElse)
{
    const auto report =
        report_of({"network_script: event/transferred?at=1970-01-01T01:00:00%2B01:00&transferred_by=101&"
                   "transfer=blind&answered_by=102&reason=busy&callername=a%26b+c&callerid=5&"
                   "presentation=prohibited&tenant=t%201&Bad=1&nothing",
                   "uniqueid: 1", "callerid: 8", "calleridname: n", "callingpres: 0", "arg_1: skill=nl"});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->at, std::chrono::system_clock::time_point());
    EXPECT_EQ(report->facts.transferred_by.str(), "101");
    EXPECT_EQ(report->facts.transfer, events::Transfer::blind);
    EXPECT_EQ(report->facts.answered_by.str(), "102");
    EXPECT_EQ(report->facts.reason, events::EndReason::busy);
    EXPECT_EQ(report->facts.callername.str(), "a&b+c");
    EXPECT_EQ(report->facts.callerid.str(), "5");
    EXPECT_EQ(report->facts.presentation, Presentation::prohibited);
    EXPECT_EQ(report->facts.vars, (CallVars{{"skill", "nl"}, {"tenant", "t 1"}}));
}

/// In a subroutine of Dial() the channel is the telephone that answers.
TEST(EventScript, OnAnotherChannelOnlyTheQueryCounts)
{
    const auto report = report_of({"network_script: event/answered?call_id=17.1&answered_by=101", "uniqueid: 17.2",
                                   "callerid: 101", "calleridname: Desk", "callingpres: 32", "dnid: 100"});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->call_id.str(), "17.1");
    EXPECT_EQ(report->facts.answered_by.str(), "101");
    EXPECT_TRUE(report->facts.callerid.empty());
    EXPECT_TRUE(report->facts.callername.empty());
    EXPECT_TRUE(report->facts.did.empty());
    EXPECT_EQ(report->facts.presentation, std::nullopt);
    EXPECT_EQ(report->shown, events::Facts());

    const auto own =
        report_of({"network_script: event/answered?call_id=17.1&callerid=", "uniqueid: 17.1", "callerid: 101"});
    EXPECT_TRUE(own->facts.callerid.empty() && own->shown.callerid.empty()) << "the query says that there is none";
    const auto unsaid = report_of({"network_script: event/answered?call_id=", "uniqueid: 17.1", "callerid: 101"});
    EXPECT_EQ(unsaid->call_id.str(), "17.1") << "a variable without a value";
    EXPECT_EQ(unsaid->shown.callerid.str(), "101");
}

TEST(EventScript, TargetsMayBeWrittenAsDialTakesThem)
{
    const auto targets_of = [](const std::string& query) {
        std::string text;
        const auto report = report_of({"network_script: event/ringing?" + query, "uniqueid: 1"});
        for (const CallText& target : report->facts.targets)
            text += target.str() + ';';
        return text;
    };
    EXPECT_EQ(targets_of("targets=101"), "101;");
    EXPECT_EQ(targets_of("targets=101%26102&targets=103"), "101;102;103;");
    EXPECT_EQ(targets_of("targets=PJSIP%2F101%26PJSIP%2F102,103"), "PJSIP/101;PJSIP/102;103;");
    EXPECT_EQ(targets_of("targets=&targets=%26%26101"), "101;");
    EXPECT_EQ(targets_of("targets="), "");
}

TEST(EventScript, IsRefusedWithASentence)
{
    const auto why = [](const std::string& script) {
        const auto report = report_of({"network_script: " + script, "uniqueid: 17.1"});
        EXPECT_FALSE(report);
        EXPECT_EQ(report.error().call_id, "17.1");
        EXPECT_EQ(report.error().named, Refused::Named::address);
        return report.error().why;
    };
    EXPECT_EQ(why("event/hangup"), "event must be created, ringing, answered, transferred or ended");
    EXPECT_EQ(why("event/"), "event must be created, ringing, answered, transferred or ended");
    EXPECT_EQ(
        why("event/ended?reason=BUSY"),
        "reason must be completed, busy, no-answer, cancelled, declined, failed or unknown; did you mean \"busy\"?");
    EXPECT_EQ(why("event/ended?transfer=warm"), "transfer must be attended or blind");
    EXPECT_EQ(report_of({"network_script: event/ended"}).error().why,
              "call_id must be the PBX's own name for the call, 1 to 256 bytes");
}

/// No event is lost for what a caller wrote.
TEST(EventScript, TextsThatAreTooLongAreCut)
{
    const std::string longest(300, 'x');
    const auto report =
        report_of({"network_script: event/created?did=" + longest + "&call_id=" + longest + "&callername=" + longest,
                   "uniqueid: 1"});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->facts.did.str().size(), 256U);
    EXPECT_EQ(report->facts.callername.str().size(), 256U);
    EXPECT_EQ(report->call_id.str().size(), 256U);
}

} // namespace
} // namespace dialhook::fastagi
