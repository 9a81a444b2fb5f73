#include "base/percent.hpp"
#include "webhook/body_fields.hpp"
#include "webhook/url_template.hpp"
#include "webhook/webhook.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace dialhook {
namespace {

using namespace std::string_view_literals;

const std::vector<std::string> declared{"tenant", "verstat"};

/// What is wrong with `text` as a header or a field, and as a part of a URL: both read variables by one rule.
void expect_fault(std::string_view text, std::string_view fault)
{
    const auto value = ValueTemplate::parse(text, declared);
    EXPECT_EQ(value ? std::string() : value.error().message, fault) << text;
    const auto url = UrlTemplate::parse("http://crm.lan/?a=" + std::string(text), declared);
    EXPECT_EQ(url ? std::string() : url.error().message, fault) << text;
}

TEST(ValueTemplate, NamesTheNearestVariable)
{
    expect_fault("{dif}", "unknown variable {dif}; did you mean {did}?");
    expect_fault("{Callerid}", "unknown variable {Callerid}; did you mean {callerid}?");
    expect_fault("{var.tenat}", "unknown variable {var.tenat}; did you mean {var.tenant}?");
    expect_fault("{tenant}", "unknown variable {tenant}; did you mean {var.tenant}?");
    expect_fault("{var.diversion}",
                 "unknown variable {var.diversion}; declare its name at the top of the main file, vars: [diversion]");
    expect_fault("{did:e146}", "unknown form \"e146\" of {did}; did you mean \"e164\"?");
    expect_fault("{did:}", "unknown form \"\" of {did}; there are as_is, e164, digits and national");
    expect_fault("{callername:e164}", "{callername} has no forms; only {did} and {callerid} have them");
    expect_fault("{did", "this { is not closed; a literal brace is written {{");
    expect_fault("did}", "this } closes nothing; a literal brace is written }}");
}

TEST(ValueTemplate, ExpandsVarsPresentationAndForms)
{
    const Numbers numbers{"31", "0", "00"};
    const CallVars vars{{"tenant", "acme"}};
    VariableValues values;
    values[Variable::did] = "0502102544";
    values[Variable::presentation] = "allowed";
    values.numbers = &numbers;
    values.vars = &vars;
    const auto text = [&](std::string_view written) {
        std::string out;
        ValueTemplate::parse(written, declared)->expand(values, ValueTemplate::Encoding::none, out);
        return out;
    };
    EXPECT_EQ(text("{{{var.tenant}}}/{presentation}/{did:e164}/{did:digits}/{did}{var.verstat}"),
              "{acme}/allowed/+31502102544/31502102544/0502102544");
    values.send = NumberForm::e164;
    EXPECT_EQ(text("{did} {did:as_is}"), "+31502102544 0502102544");

    std::string target;
    UrlTemplate::parse("http://h/{var.tenant}/a{var.verstat}/{did}?p={presentation}&n={did:national}&t={var.tenant}",
                       declared)
        ->expand(values, target);
    EXPECT_EQ(target, "/acme/a/%2B31502102544?p=allowed&n=0502102544&t=acme");
}

TEST(ValueTemplate, AVarNeverMakesADotSegment)
{
    const CallVars vars{{"tenant", ".."}};
    VariableValues values;
    values.vars = &vars;
    std::string target;
    UrlTemplate::parse("http://h/a/{var.tenant}/b{var.tenant}/{did:e164}.?x={var.tenant}", declared)
        ->expand(values, target);
    EXPECT_EQ(target, "/a//b../.?x=..");
}

/// Values of all that a caller or an engine may send, among them all that has a meaning somewhere.
std::string hostile_value(std::mt19937& random)
{
    constexpr std::string_view pieces[] = {
        "\"", "\\", "\r\n",     "\n",   "&", "=", "%",    "{did}",        "{",    "}",
        "/",  "..", "?",        "#",    "+", " ", "\0"sv, "\t",           ",",    ":",
        "[",  "]",  "\xC3\xA9", "\x7F", "a", "1", "';",   "\xE2\x80\xA8", "${x}", "X-Evil: 1"};
    std::string value;
    for (auto count = random() % 8; count > 0; --count)
        value += pieces[random() % std::size(pieces)];
    return value;
}

/// No value leaves its place in URL, header, form or JSON, whatever it is.
TEST(ValueTemplate, NoValueLeavesItsPlace)
{
    const auto url = UrlTemplate::parse("http://h/a/{callername}/b?x={var.tenant}&y={callerid}", declared);
    const auto header = ValueTemplate::parse("<{callername}> {var.tenant};{callerid}", declared);
    const auto value_of = [](const char* text) { return *ValueTemplate::parse(text, declared); };
    const BodyFields fields{{{.name = "n", .text = value_of("<{callername}>")},
                             {.name = "t", .text = value_of("<{var.tenant}>")},
                             {.name = "c", .text = value_of("<{callerid}>")}}};
    std::mt19937 random(20);
    for (int round = 0; round < 5000; ++round) {
        const std::string name = hostile_value(random);
        const std::string number = hostile_value(random);
        const CallVars vars{{"tenant", hostile_value(random)}};
        VariableValues values;
        values[Variable::callername] = name;
        values[Variable::callerid] = number;
        values.vars = &vars;
        const std::string& tenant = vars.front().value;

        std::string target;
        url->expand(values, target);
        const auto segment = name == "." || name == ".." ? std::string() : name;
        const auto in_query = target.find("/b?x=");
        ASSERT_NE(in_query, std::string::npos);
        EXPECT_EQ(percent::decoded(target.substr(3, in_query - 3), percent::Plus::stays), segment);
        const auto second = target.find("&y=");
        EXPECT_EQ(percent::decoded(target.substr(in_query + 5, second - in_query - 5), percent::Plus::stays), tenant);
        EXPECT_EQ(percent::decoded(target.substr(second + 3), percent::Plus::stays), number);
        EXPECT_EQ(target.find_first_of(" \r\n\t#\""), std::string::npos) << target;

        std::string line;
        header->expand(values, ValueTemplate::Encoding::header, line);
        for (const char byte : line)
            EXPECT_TRUE(byte >= 0x20 && byte < 0x7F) << line;

        const auto form = fields.form(values);
        const auto t = form.find("&t=");
        const auto c = form.find("&c=");
        ASSERT_TRUE(form.starts_with("n=") && t < c && c != std::string::npos) << form;
        EXPECT_EQ(percent::decoded(form.substr(2, t - 2), percent::Plus::is_space), "<" + name + ">");
        EXPECT_EQ(percent::decoded(form.substr(t + 3, c - t - 3), percent::Plus::is_space), "<" + tenant + ">");
        EXPECT_EQ(percent::decoded(form.substr(c + 3), percent::Plus::is_space), "<" + number + ">");

        // Outside of its strings a JSON text is what the template says; no string ends early.
        std::string outside;
        bool in_string = false;
        const auto json = fields.json(values);
        for (std::size_t at = 0; at < json.size(); ++at) {
            if (in_string && json[at] == '\\')
                ++at;
            else if (json[at] == '"')
                in_string = !in_string;
            else if (!in_string)
                outside += json[at];
            EXPECT_TRUE(static_cast<unsigned char>(json[at]) >= 0x20) << "a control character stands in JSON as it is";
        }
        EXPECT_EQ(outside, "{:,:,:}") << json;
    }
}

TEST(ValueTemplate, EqualHeadersAreEqual)
{
    const auto header = [](const char* text) {
        return *RequestHeader::from("X-A", *ValueTemplate::parse(text, declared));
    };
    EXPECT_EQ(header("{did}"), header("{did}"));
    EXPECT_FALSE(header("{did}") == header("{callerid}"));
    EXPECT_FALSE(header("{var.tenant}") == header("{var.verstat}"));
    EXPECT_FALSE(header("{did:e164}") == header("{did}"));
    EXPECT_EQ(header("a {{b}}").value(), "a {b}");
    EXPECT_EQ(header("{did}").value(), "");
    EXPECT_FALSE(RequestHeader::from("X-A", *ValueTemplate::parse("a\n{did}", declared)))
        << "a line end in its own text";
}

} // namespace
} // namespace dialhook
