#include "base/text.hpp"
#include "call/call.hpp"
#include "dialplan/resolve.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dialhook::dialplan {
namespace {

const Step play = EngineStep{R"({"play":"welcome"})"};

std::string shown(const ResolvedStep& step)
{
    if (const auto* name = std::get_if<ShowCallerName>(&step))
        return "name " + name->name;
    if (const auto* dial = std::get_if<DialDestination>(&step))
        return "dial " + dial->destination;
    if (const auto* group = std::get_if<DialGroup>(&step)) {
        std::string text = "dial";
        for (const std::string& target : group->to)
            text += " " + target;
        text += " " + std::string(to_string(group->strategy));
        return group->ring ? text + " " + std::to_string(group->ring->count()) + "s" : text;
    }
    return std::get<const EngineStep*>(step)->json;
}

std::vector<std::string> shown(const Resolved& resolved)
{
    std::vector<std::string> texts;
    for (const ResolvedStep& step : resolved.steps)
        texts.push_back(shown(step));
    return texts;
}

using Texts = std::vector<std::string>;

Decision ack(const char* callername = "", const char* destination = "")
{
    Decision decision = Decision::success();
    decision.status = Status::ack;
    decision.callername = callername;
    if (auto dialled = Destination::from(destination))
        decision.destination = *std::move(dialled);
    return decision;
}

TEST(Resolve, StepsStayInTheirOrder)
{
    const Steps steps{play, NamePrefix{"CRM "}, Dial{"101"}, EngineStep{"\"hangup\""}};
    const Resolved resolved = resolve(steps, "Jan", nullptr);
    EXPECT_EQ(shown(resolved), (Texts{R"({"play":"welcome"})", "name CRM Jan", "dial 101", "\"hangup\""}));
    EXPECT_EQ(resolved.callername, "CRM Jan");
}

TEST(Resolve, NamesComposeInOrder)
{
    struct
    {
        Steps steps;
        const char* name;
    } const cases[] = {
        {{}, "Jan"},
        {{NamePrefix{"b "}, NamePrefix{"a "}}, "a b Jan"},
        {{NameReplacement{"Sales"}, NamePrefix{"a "}}, "a Sales"},
        {{NamePrefix{"a "}, NameReplacement{"Sales"}}, "Sales"},
        {{NameFromWebhook{}, NamePrefix{"CRM "}}, "CRM Piet"},
        {{NamePrefix{"CRM "}, NameFromWebhook{}}, "Piet"},
        {{NameReplacement{""}}, ""},
    };
    const Decision decision = ack("Piet");
    for (const auto& [steps, name] : cases)
        EXPECT_EQ(resolve(steps, "Jan", &decision).callername, name);
}

TEST(Resolve, AReplyWithoutANameLeavesTheNameAsItWas)
{
    const Decision decision = ack();
    const Resolved resolved = resolve({NameFromWebhook{}, NamePrefix{"CRM "}}, "Jan", &decision);
    EXPECT_EQ(shown(resolved), (Texts{"name Jan", "name CRM Jan"}));
}

TEST(Resolve, AReplysNameIsTakenOnlyWhereAStepSaysSo)
{
    const Decision decision = ack("Piet");
    EXPECT_EQ(resolve({play}, "Jan", &decision).callername, "Jan");
}

TEST(Resolve, VariableDestinationIsTheReplys)
{
    const Decision decision = ack("", "+31 50 210 25 44");
    EXPECT_EQ(shown(resolve({DialVariable{}, Dial{"101"}}, "", &decision)), (Texts{"dial +31502102544", "dial 101"}));
    EXPECT_EQ(shown(resolve({DialVariable{}}, "", nullptr)), Texts{}) << "never anything else";
}

TEST(Resolve, SeveralDestinationsAreAGroup)
{
    using namespace std::chrono_literals;
    const DialGroup group{{"101", "102"}, RingStrategy::sequential, 20s};
    EXPECT_EQ(shown(resolve({group}, "", nullptr)), Texts{"dial 101 102 sequential 20s"});

    Decision decision = ack("", "101");
    EXPECT_EQ(shown(resolve({DialVariable{15s}}, "", &decision)), Texts{"dial 101 parallel 15s"});
    decision.ringing = std::make_shared<const Ringing>(
        Ringing{{*Destination::from("101"), *Destination::from("102")}, RingStrategy::sequential, {}});
    EXPECT_EQ(shown(resolve({DialVariable{}}, "", &decision)), Texts{"dial 101 102 sequential"});
    EXPECT_EQ(shown(resolve({DialVariable{15s}}, "", &decision)), Texts{"dial 101 102 sequential 15s"});
    decision.ringing = std::make_shared<const Ringing>(Ringing{{*Destination::from("101")}, {}, 20s});
    EXPECT_EQ(shown(resolve({DialVariable{15s}}, "", &decision)), Texts{"dial 101 parallel 20s"})
        << "the reply knows this call";
}

TEST(Resolve, NamesLoseTheirControlCharactersAndStayBounded)
{
    EXPECT_EQ(resolve({NamePrefix{"a "}}, "J\r\na\x7Fn\xC2\x85", nullptr).callername, "a Jan");

    const std::string long_prefix(256, 'p');
    Steps steps(10, NamePrefix{long_prefix});
    const std::string name = resolve(steps, "\xE2\x82\xAC", nullptr).callername;
    EXPECT_EQ(name.size(), CallerName::max_bytes);
    steps.assign(1, NamePrefix{std::string(CallerName::max_bytes - 2, 'p')});
    const std::string cut = resolve(steps, "\xE2\x82\xAC", nullptr).callername;
    EXPECT_EQ(cut, std::string(CallerName::max_bytes - 2, 'p')) << "no half of a character stays";
}

/// No reply brings out a step that the configuration does not hold, nor a control character.
TEST(Resolve, NothingButTheConfiguredStepsComesOut)
{
    std::mt19937 random(20261124);
    const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
    const auto hostile = [&] {
        std::string text;
        for (unsigned size = below(12); size != 0; --size)
            text += static_cast<char>(below(128));
        return text;
    };
    for (int round = 0; round < 5000; ++round) {
        Steps steps;
        for (unsigned size = below(5); size != 0; --size) {
            const Step choices[] = {NameFromWebhook{}, NamePrefix{"p "}, NameReplacement{"r"},
                                    Dial{"101"},       DialVariable{},   play};
            steps.push_back(choices[below(6)]);
        }
        Decision decision = ack(text::without_controls(hostile()).c_str());
        if (auto dialled = Destination::from(hostile()))
            decision.destination = *std::move(dialled);
        const Resolved resolved = resolve(steps, hostile(), &decision);

        std::size_t at = 0;
        for (const Step& step : steps) {
            if (std::holds_alternative<DialVariable>(step) && !decision.destination)
                continue;
            ASSERT_LT(at, resolved.steps.size());
            const std::string text = shown(resolved.steps[at++]);
            EXPECT_FALSE(text::has_controls(text));
            if (std::holds_alternative<Dial>(step)) {
                EXPECT_EQ(text, "dial 101");
            } else if (std::holds_alternative<DialVariable>(step)) {
                EXPECT_EQ(text, "dial " + decision.destination->str());
            } else if (std::holds_alternative<EngineStep>(step)) {
                EXPECT_EQ(text, R"({"play":"welcome"})");
            } else {
                EXPECT_TRUE(text.starts_with("name "));
            }
        }
        EXPECT_EQ(at, resolved.steps.size());
    }
}

} // namespace
} // namespace dialhook::dialplan
