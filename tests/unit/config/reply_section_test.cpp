#include "unit/config/loading.hpp"
#include "webhook/reply.hpp"

#include <string>
#include <string_view>

namespace dialhook::config::test {
namespace {

/// `reply` of the only webhook: `json status=/found destination=value tier=/a/b`, and what else it says.
std::string shown(std::string_view keys)
{
    const auto webhooks = load_well(with_webhook(keys)).webhooks;
    const ReplyOptions& options = webhooks.at(0).reply_options();
    std::string text(to_string(options.format));
    if (options.is_always_ack)
        text += " always ACK";
    for (const ReplyTarget& target : options.targets)
        text += " " + std::string(to_string(target.field)) + target.variable + "=" +
                (target.key.empty() ? target.place() : target.key);
    if (options.has_own_variables)
        text += " own variables";
    if (options.points_into_a_list)
        text += " list";
    if (options.max_destinations > 1)
        text += " up to " + std::to_string(options.max_destinations);
    return text;
}

TEST(ReplySection, IsAWordOrAMapping)
{
    const std::string standard = " status=status destination=destination callername=callername ring=ring";
    EXPECT_EQ(shown(""), "auto" + standard);
    EXPECT_EQ(load_well(with_webhook("reply: auto")).webhooks.at(0).reply, nullptr);
    EXPECT_EQ(shown("reply: json"), "json" + standard);
    EXPECT_EQ(shown("reply: form"), "form" + standard);
    EXPECT_EQ(shown("reply: \"text\""), "text" + standard);
    EXPECT_EQ(shown("reply: {}"), "auto" + standard);
    EXPECT_EQ(shown("reply: { format: json }"), "json" + standard);
    EXPECT_EQ(shown("reply:\n  destination: value"),
              "auto status=status destination=value callername=callername ring=ring");
    EXPECT_EQ(shown("reply: { status: ACK, destination: /contact/phones/0, callername: /a~1b/~0c, "
                    "variables: { tier: /account/tier, Q-1: /q } }"),
              "auto always ACK destination=/contact/phones/0 callername=/a~1b/~0c ring=ring tier=/account/tier "
              "Q-1=/q own variables");
    EXPECT_EQ(shown("reply: { variables: {}, status: /found, format: json }"),
              "json status=/found destination=destination callername=callername ring=ring own variables");
    EXPECT_EQ(shown("reply: { format: json, status: ACK, callername: /0/name }"),
              "json always ACK destination=destination callername=/0/name ring=ring list");
    EXPECT_EQ(shown("max_destinations: 3\nreply: json"),
              "json status=status destination=destination callername=callername strategy=strategy ring=ring up to 3");
}

TEST(ReplySection, DefaultsHoldAsAWhole)
{
    const auto webhooks = load_well(R"(
defaults: { reply: { format: json, destination: /to }, max_destinations: 2 }
webhooks:
  a: { url: "http://a/" }
  b: { url: "http://b/", reply: form, max_destinations: 1 }
)")
                              .webhooks;
    EXPECT_EQ(webhooks[0].reply_options().format, ReplyFormat::json);
    EXPECT_EQ(webhooks[0].reply_options().targets[1].place(), "/to");
    EXPECT_EQ(webhooks[0].reply_options().max_destinations, 2);
    EXPECT_EQ(webhooks[1].reply_options().format, ReplyFormat::form);
    EXPECT_EQ(webhooks[1].reply_options().targets[1].key, "destination");
    EXPECT_EQ(webhooks[1].reply_options().max_destinations, 1);
}

/// A reload that changes how replies are read changes the webhook.
TEST(ReplySection, BelongsToTheDefinition)
{
    const auto loaded = [](std::string_view keys) { return load_well(with_webhook(keys)).webhooks.at(0); };
    EXPECT_TRUE(same_definition(loaded("reply: { destination: /to }"), loaded("reply: { destination: /to }")));
    EXPECT_FALSE(same_definition(loaded("reply: { destination: /to }"), loaded("reply: { destination: /at }")));
    EXPECT_FALSE(same_definition(loaded("reply: json"), loaded("")));
    EXPECT_FALSE(same_definition(loaded("max_destinations: 2"), loaded("")));
}

class ReplyFaults : public testing::TestWithParam<FaultCase>
{
};

TEST_P(ReplyFaults, AreNamed)
{
    EXPECT_EQ(faults_of(with_webhook(GetParam().yaml)), GetParam().faults);
}

#define POINTER "a JSON Pointer (RFC 6901), such as /contact/phones/0"

constexpr FaultCase reply_faults[] = {
    {"UnknownWord", "reply: jsno",
     "4:12: webhooks.crm.reply: found \"jsno\", expected auto, form, json or text; did you mean \"json\"?"},
    {"UnknownFormat", "reply: { format: xml }",
     "4:22: webhooks.crm.reply.format: found \"xml\", expected auto, form, json or text"},
    {"List", "reply: [json]", "4:12: webhooks.crm.reply: found a list, expected a mapping (`key: value`)"},
    {"UnknownKey", "reply: { destinaton: /a }",
     "4:14: webhooks.crm.reply: unknown key \"destinaton\"; did you mean \"destination\"?"},
    {"FormatAtTheWrongPlace", "format: json",
     "4:5: webhooks.crm: unknown key \"format\"; it belongs under server.log, webhooks.NAME.reply and "
     "notifications.NAME"},
    {"NoSlash", "reply: { format: json, destination: \"contact.phones[0]\" }",
     "4:41: webhooks.crm.reply.destination: found \"contact.phones[0]\", expected " POINTER
     "; did you mean \"/contact/phones/0\"?"},
    {"JsonPath", "reply: { destination: $.contact.phone }",
     "4:27: webhooks.crm.reply.destination: found \"$.contact.phone\", expected " POINTER
     ", or the name of a form's key; did you mean \"/contact/phone\"?"},
    {"Tilde", "reply: { destination: /a~b }",
     "4:29: webhooks.crm.reply.destination: in a JSON Pointer a ~ is written ~0, and a / inside a name ~1; no other ~ "
     "may stand in it"},
    {"WholeReply", "reply: { destination: \"\" }",
     "4:27: webhooks.crm.reply.destination: found \"\", expected " POINTER ", or the name of a form's key"},
    {"Nothing", "reply: { callername: }",
     "4:26: webhooks.crm.reply.callername: found nothing, expected " POINTER ", or the name of a form's key"},
    {"PointerOfAForm", "reply: { format: form, destination: /to }",
     "4:41: webhooks.crm.reply.destination: found \"/to\", expected the name of a form's key; JSON Pointers lead into "
     "JSON, and `format` is form here"},
    {"KeyOfText", "reply: { format: text, callername: /name }",
     "4:28: webhooks.crm.reply.callername: with `format: text` the whole body is the name, so nothing else can be read "
     "from it; remove this key, or choose another format"},
    {"StatusInAnotherWord", "reply: { status: NAK }",
     "4:22: webhooks.crm.reply.status: found \"NAK\", expected " POINTER
     ", or the name of a form's key, or the word ACK"},
    {"StatusInLowerCase", "reply: { format: json, status: ack }",
     "4:36: webhooks.crm.reply.status: found \"ack\", expected " POINTER ", or the word ACK; did you mean \"/ack\"?"},
    {"OneKeyTwice", "reply: { format: form, destination: value, callername: Value }",
     "4:41: webhooks.crm.reply.destination: two of `status`, `destination` and `callername` are read from this key; "
     "name another one\n"
     "4:60: webhooks.crm.reply.callername: two of `status`, `destination` and `callername` are read from this key; "
     "name another one"},
    {"VariablesOfAForm", "reply: { format: form, variables: { a: /b } }",
     "4:28: webhooks.crm.reply.variables: of a form, every further key is a variable; `variables` leads into JSON "
     "alone"},
    {"Variables", "reply: { variables: { \"a b\": /c, d: e, f: [] } }",
     "4:27: webhooks.crm.reply.variables: found \"a b\" as the name of a variable, expected 1 to 64 letters, digits, "
     "'-' and '_'\n"
     "4:41: webhooks.crm.reply.variables.d: found \"e\", expected " POINTER "\n"
     "4:47: webhooks.crm.reply.variables.f: found a list, expected " POINTER},
    {"MaxDestinations", "max_destinations: 11",
     "4:23: webhooks.crm.max_destinations: found 11, expected a whole number from 1 to 10"},
};
INSTANTIATE_TEST_SUITE_P(All, ReplyFaults, testing::ValuesIn(reply_faults), case_name);

} // namespace
} // namespace dialhook::config::test
