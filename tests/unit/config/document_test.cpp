#include "unit/config/loading.hpp"

#include <string>

namespace dialhook::config::test {
namespace {

class Document : public testing::TestWithParam<FaultCase>
{
};

TEST_P(Document, Faults)
{
    EXPECT_EQ(faults_of(GetParam().yaml), GetParam().faults);
}

constexpr FaultCase yaml_faults[] = {
    {"TabIndents", "webhooks:\n\tcrm: x\n",
     "2:1: this is not YAML: found character that cannot start any token; indent with spaces, YAML allows no tabs"},
    {"UnquotedBracesInBraces", "webhooks: {crm: {url: http://x/{did}?a=b}}\n",
     "1:32: this is not YAML: did not find expected ',' or '}' while parsing a flow mapping that begins at line 1, "
     "column "
     "17; close the bracket, and put quotes around a text that holds any of {}[],"},
    {"OpenList", "webhooks: [1,2\n",
     "2:1: this is not YAML: did not find expected ',' or ']' while parsing a flow sequence that begins at line 1, "
     "column "
     "11; close the bracket, and put quotes around a text that holds any of {}[],"},
    {"OpenQuote", "webhooks: \"b\n",
     "2:1: this is not YAML: found unexpected end of stream while scanning a quoted scalar that begins at line 1, "
     "column "
     "11; close the quote"},
    {"TwoColons", "webhooks: crm: url\n",
     "1:14: this is not YAML: mapping values are not allowed in this context; put quotes around a text that holds \": "
     "\", or "
     "check the indentation"},
    {"AtSign", "webhooks: @x\n",
     "1:11: this is not YAML: found character that cannot start any token; put quotes around a text that begins with "
     "this "
     "character"},
    {"ControlCharacter", "# \xC3\xA9\nab: \x01\n", "2:5: this is not YAML: control characters are not allowed"},
    {"Indentation", "webhooks:\n  b: {url: \"http://x/\"}\n c: 2\n",
     "3:2: this is not YAML: did not find expected key while parsing a block mapping that begins at line 1, column 1; "
     "check "
     "the indentation"},
    {"NoColon", "webhooks:\n  crm\n  b: 1\n",
     "3:4: this is not YAML: mapping values are not allowed in this context; put quotes around a text that holds \": "
     "\", or "
     "check the indentation"},
    {"BackslashInQuotes", "webhooks: \"\\q\"\n",
     "1:12: this is not YAML: found unknown escape character while parsing a quoted scalar that begins at line 1, "
     "column "
     "11; inside double quotes write \\\\ for a backslash, or use single quotes"},
    {"StarAlone", "webhooks: [*]\n",
     "1:13: this is not YAML: did not find expected alphabetic or numeric character while scanning an alias that "
     "begins at "
     "line 1, column 12; put quotes around a text that begins with *"},
    {"TextAfterTheEnd", "webhooks: {}\n...\nc\n",
     "3:1: this is not YAML: did not find expected <document start>; remove the `...` line, after which nothing may "
     "follow"},
    {"Version", "%YAML 1.3\n---\nwebhooks: {}\n",
     "1:1: this is not YAML: found incompatible YAML document; the %YAML line may say 1.2, or be left out"},
    {"NotUtf8", "# \xC3\xA9\xC3(\n",
     "1:4: this byte is not UTF-8; save the file in UTF-8, the only encoding that is read"},
    {"Utf16",
     "\xFF\xFE"
     "a",
     "1:1: this byte is not UTF-8; save the file in UTF-8, the only encoding that is read"},
};
INSTANTIATE_TEST_SUITE_P(Yaml, Document, testing::ValuesIn(yaml_faults), case_name);

constexpr FaultCase shape_faults[] = {
    {"Empty", "", "1:1: the file is empty; a configuration has at least `webhooks:`"},
    {"CommentsAlone", "# nothing\n\n", "1:1: the file is empty; a configuration has at least `webhooks:`"},
    {"NullAlone", "~\n", "1:1: the file is empty; a configuration has at least `webhooks:`"},
    {"List", "- webhooks\n", "1:1: found a list, expected a mapping (`key: value`)"},
    {"Text", "webhooks\n", "1:1: found a text, expected a mapping (`key: value`)"},
    {"TwoDocuments", "webhooks: {}\n---\nwebhooks: {}\n",
     "2:1: a second document begins here; a configuration file holds one, so remove the `---` or move what follows to "
     "a "
     "file of its own under `include`"},
    {"DuplicateKey", "server:\n  threads: 2\n  drain: 1s\n  threads: 3\n",
     "4:3: the key \"threads\" appears twice; the first one is at line 2, column 3"},
    {"DuplicateQuotedKey", "\"webhooks\": {}\nwebhooks: {}\n",
     "2:1: the key \"webhooks\" appears twice; the first one is at line 1, column 1"},
    {"ThreeTimes", "egress: {allow: [], allow: [], allow: []}\n",
     "1:21: the key \"allow\" appears twice; the first one is at line 1, column 10\n"
     "1:32: the key \"allow\" appears twice; the first one is at line 1, column 10"},
    {"ListAsKey", "? [a]\n: b\n",
     "1:3: found a list as a key, expected a text; put quotes around a key that begins with [ or {"},
    {"BracesAsKey", "{a: b}: c\n",
     "1:1: found a mapping as a key, expected a text; put quotes around a key that begins with [ or {"},
    {"MergeKey", "webhooks:\n  crm:\n    <<: {timeout: 1s}\n    url: http://x/\n",
     "3:5: merge keys (<<) do not exist in YAML 1.2; put what webhooks have in common under `defaults:`"},
    {"UnknownAlias", "egress: *31\n",
     "1:9: there is no anchor of this name before this alias; put quotes around a text that begins with *"},
    {"AliasInItself", "webhooks: &a {crm: *a}\n", "1:20: this alias is inside its own anchor, and so would never end"},
    {"OtherTag", "server: {threads: !!int \"5\"}\n",
     "1:19: this tag has no meaning here; remove it, or put quotes around a text that begins with !\n"
     "1:19: server.threads: found \"5\", expected a whole number from 1 to 256, without quotes"},
    {"OwnTag", "server: !mine {threads: 5}\n",
     "1:9: this tag has no meaning here; remove it, or put quotes around a text that begins with !"},
    {"SecretsLikeAliasesAndTags",
     "webhooks:\n  crm:\n    url: http://x/\n    headers: {Authorization: *hunter2, X-Api-Key: !S3cret9 abc}\n",
     "4:30: there is no anchor of this name before this alias; put quotes around a text that begins with *\n"
     "4:51: this tag has no meaning here; remove it, or put quotes around a text that begins with !"},
};
INSTANTIATE_TEST_SUITE_P(Shape, Document, testing::ValuesIn(shape_faults), case_name);

constexpr FaultCase no_faults[] = {
    {"ByteOrderMark", "\xEF\xBB\xBFwebhooks: {}\n", ""},
    {"WindowsLineEnds", "webhooks:\r\n  crm:\r\n    url: http://x/\r\n", ""},
    {"OneDocumentWithMarks", "%YAML 1.2\n---\nwebhooks: {}\n...\n", ""},
    {"SectionsWithNothing", "webhooks:\nserver:\ndefaults: ~\negress:\n  allow:\n", ""},
    {"Json", "{\"webhooks\": {\"crm\": {\"url\": \"http://x/\", \"timeout\": 2}}}", ""},
    {"QuotedMergeKey", "webhooks: {crm: {url: \"http://x/\", headers: {}}}\n", ""},
    {"Tags", "server: !!map {socket: !!str /run/a, allow_users: !!seq [! 0]}\n", ""},
    {"Aliases",
     "defaults: {headers: &h {X-A: b}}\nwebhooks: {a: &a {url: \"http://x/\", headers: *h}, b: *a, c: {url: "
     "\"http://y/\"}}\n",
     ""},
    {"KeyByAlias", "defaults: {description: &k webhooks}\n*k : {}\n", ""},
};
INSTANTIATE_TEST_SUITE_P(Good, Document, testing::ValuesIn(no_faults), case_name);

/// Nine lists, each of nine times the one before.
std::string billion_laughs()
{
    std::string yaml = "a: &a [x, x, x, x, x, x, x, x, x]\n";
    for (char name = 'b'; name <= 'j'; ++name) {
        yaml += std::string(1, name) + ": &" + name + " [";
        for (int i = 0; i < 9; ++i)
            yaml += (i == 0 ? "*" : ", *") + std::string(1, static_cast<char>(name - 1));
        yaml += "]\n";
    }
    return yaml;
}

TEST(DocumentLimits, BillionLaughsIsAFault)
{
    EXPECT_EQ(faults_of(billion_laughs()),
              "8:8: aliases expand to more than 10,000,000 values; write a file this large without them");
}

TEST(DocumentLimits, DepthIsBounded)
{
    EXPECT_EQ(faults_of(std::string(100'000, '[')), "1:65: lists and mappings are nested more than 64 deep here");
}

/// A list in a list, `depth` of them, around `inner`.
std::string nested(std::size_t depth, const std::string& inner)
{
    return std::string(depth, '[') + inner + std::string(depth, ']');
}

TEST(DocumentLimits, DepthCountsWhatAliasesStandFor)
{
    // The step is the fourth level.
    const auto steps = [](std::size_t depth) {
        return "dialplans:\n  \"1\": [{a: &a " + nested(20, "x") + "}]\n  \"2\": [{b: &b " + nested(20, "*a") +
               "}]\n  \"3\": [{c: " + nested(depth, "*b, *a") + "}]\n";
    };
    EXPECT_EQ(faults_of(steps(20)), "");
    EXPECT_EQ(faults_of(steps(21)),
              "4:34: with what this alias stands for, lists and mappings are nested more than 64 deep here");
}

TEST(DocumentLimits, ManyKeysAreComparedToo)
{
    std::string yaml = "webhooks:\n";
    for (int i = 0; i < 100; ++i)
        yaml += "  n" + std::to_string(i) + ": {url: \"http://x/\"}\n";
    EXPECT_EQ(faults_of(yaml + "  n7: {url: \"http://x/\"}\n"),
              "102:3: the key \"n7\" appears twice; the first one is at line 9, column 3");
}

} // namespace
} // namespace dialhook::config::test
