#include <dialhook/dialplan/did_key.hpp>

#include <gtest/gtest.h>

namespace dialhook::dialplan {
namespace {

TEST(DidKey, IsTheNumberAsItIsWritten)
{
    for (const char* did : {"+31502102544", "0502102544", "101", "*97", "#31#", "crm", "0031502102544", " 31",
                            "tel:", "sip:example.com", "+31 50", "telefoon", "Tel", "sips:", "\xC3\xA9"})
        EXPECT_EQ(did_key(did, ""), did);
}

TEST(DidKey, UrisAreReducedToTheirNumber)
{
    struct
    {
        const char* did;
        const char* number;
    } const cases[] = {
        {"tel:+31502102544", "+31502102544"},
        {"TEL:+31-50-210.2544", "+31502102544"},
        {"tel:(050)2102544;phone-context=+31", "0502102544"},
        {"tel:*97", "*97"},
        {"sip:+31502102544@pbx.lan", "+31502102544"},
        {"SIPS:+31502102544@[::1]:5061;transport=tls?x=y", "+31502102544"},
        {"sip:%2B31502102544@pbx.lan;user=phone", "+31502102544"},
        {"sip:+31502102544;phone-context=x:secret@pbx.lan", "+31502102544"},
        {"sip:101:secret@pbx.lan", "101"},
        {"sip:jan.jansen@pbx.lan", "jan.jansen"},
        {"sip:@pbx.lan", ""},
    };
    for (const auto& [did, number] : cases)
        EXPECT_EQ(did_key(did, ""), number) << did;
}

TEST(DidKey, InternationalPrefixIsAPlus)
{
    struct
    {
        const char* did;
        const char* prefix;
        const char* number;
    } const cases[] = {
        {"0031502102544", "00", "+31502102544"},
        {"+31502102544", "00", "+31502102544"},
        {"01131502102544", "011", "+31502102544"},
        {"0502102544", "00", "0502102544"},
        {"tel:0031-50-2102544", "00", "+31502102544"},
        {"sip:0031502102544@pbx", "00", "+31502102544"},
        {"00", "00", "+"},
        {"10031", "00", "10031"},
        {"0031502102544", "", "0031502102544"},
        {"0", "00", "0"},
    };
    for (const auto& [did, prefix, number] : cases)
        EXPECT_EQ(did_key(did, prefix), number) << did;
}

} // namespace
} // namespace dialhook::dialplan
