#include "api/fastagi/environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace dialhook::fastagi {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

/// A channel as Asterisk 22 writes it.
Lines true_lines()
{
    return {{"network", "yes"},     {"network_script", "dialplan"},
            {"request", "r"},       {"channel", "c"},
            {"language", "en"},     {"type", "PJSIP"},
            {"uniqueid", "17.1"},   {"version", "22"},
            {"callerid", "+316"},   {"calleridname", "Piet"},
            {"callingpres", "0"},   {"callingani2", "0"},
            {"callington", "0"},    {"callingtns", "0"},
            {"dnid", "600"},        {"rdnis", "r"},
            {"context", "in"},      {"extension", "600"},
            {"priority", "1"},      {"enhanced", "0.0"},
            {"accountcode", "acc"}, {"threadid", "13"},
            {"arg_1", "one"},       {"arg_2", "two"}};
}

/// What is read when the value of `broken` goes on with the lines `false_ones`.
AgiEnvironment read(const Lines& lines, std::string_view broken = {}, const Lines& false_ones = {},
                    std::string_view also_broken = {}, const Lines& more_false_ones = {})
{
    AgiEnvironment environment;
    const auto take = [&](const Lines& from) {
        for (const auto& [name, value] : from)
            EXPECT_TRUE(environment.take("agi_" + name + ": " + value));
    };
    for (const auto& line : lines) {
        take({line});
        if (line.first == broken)
            take(false_ones);
        if (line.first == also_broken)
            take(more_false_ones);
    }
    return environment;
}

std::string value_of(const Lines& lines, std::string_view name)
{
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.first == name; });
    return found == lines.end() ? "" : found->second;
}

const std::vector<std::string> breakable = {"callerid", "calleridname", "dnid",        "rdnis", "extension",
                                            "context",  "language",     "accountcode", "arg_1", "arg_2"};

bool is_dialled_number(std::string_view name)
{
    return name == "dnid" || name == "extension";
}

TEST(EnvironmentOrder, OneFalseLineSetsNothing)
{
    const Lines lines = true_lines();
    for (const std::string& broken : breakable)
        for (const auto& [name, value] : lines) {
            if (name == broken || name == "network" || name.starts_with("arg"))
                continue;
            const AgiEnvironment environment = read(lines, broken, {{name, "false"}});
            for (const char* used :
                 {"network_script", "type", "uniqueid", "callerid", "calleridname", "callingpres", "dnid", "extension"})
            {
                // A caller who breaks his number sets his name, which is his to choose.
                const bool is_own = broken == "callerid" && name == "calleridname";
                if (name == used && is_own)
                    continue;
                EXPECT_EQ(environment.value(std::string("agi_") + used), value_of(lines, used))
                    << broken << " sets " << name;
            }
        }
}

TEST(EnvironmentOrder, FalseLinesOfAnyNumberAndOrderSetNoDialledNumber)
{
    std::mt19937 random(20261128);
    for (int round = 0; round < 2000; ++round) {
        Lines lines = true_lines();
        const Lines whole = lines;
        for (int missing = static_cast<int>(random() % 4); missing != 0; --missing) { // an older Asterisk
            const auto at = static_cast<std::ptrdiff_t>(random() % lines.size());
            const std::string& name = lines[static_cast<std::size_t>(at)].first;
            if (!is_dialled_number(name) && !name.starts_with("network") && !name.starts_with("caller"))
                lines.erase(lines.begin() + at);
        }
        Lines false_ones;
        for (auto count = random() % 12; count != 0; --count) {
            const auto& [name, value] = whole[1 + random() % (whole.size() - 1)];
            false_ones.emplace_back(name, "false");
        }
        const AgiEnvironment environment = read(lines, "calleridname", false_ones);
        for (const char* name : {"network_script", "uniqueid", "type", "callerid", "calleridname", "dnid", "extension"})
        {
            const std::string value = value_of(lines, name);
            if (!value.empty()) {
                ASSERT_EQ(environment.value(std::string("agi_") + name), value)
                    << name << testing::PrintToString(false_ones);
            }
        }
    }
}

TEST(EnvironmentOrder, AWholeCopyInANameSetsNothing)
{
    const Lines lines = true_lines();
    for (std::size_t end = 11; end <= lines.size(); ++end)
        for (std::size_t begin = 0; begin < end; ++begin) {
            Lines copy(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                       lines.begin() + static_cast<std::ptrdiff_t>(end));
            for (auto& [name, value] : copy)
                value = "false";
            const bool has_arguments = end > lines.size() - 2;
            Lines expected = lines;
            if (has_arguments)
                expected.resize(lines.size() - 2);
            const AgiEnvironment environment = read(lines, "calleridname", copy);
            for (const auto& [name, value] : expected)
                if (name != "network") {
                    EXPECT_EQ(environment.value("agi_" + name), value) << name << " " << begin << " to " << end;
                }
        }
}

TEST(EnvironmentOrder, AWholeCopyInAnArgumentSetsNothing)
{
    const Lines lines = true_lines();
    Lines copy(lines.begin(), lines.end() - 2);
    for (auto& [name, value] : copy)
        value = "false";
    const AgiEnvironment environment = read(lines, "arg_1", copy);
    for (const auto& [name, value] : lines)
        EXPECT_EQ(environment.value("agi_" + name), value) << name;
}

TEST(EnvironmentOrder, TwoBrokenValuesSetNoDialledNumber)
{
    const Lines lines = true_lines();
    const std::vector<Lines> false_ones = {{{"dnid", "900"}},
                                           {{"dnid", "900"}, {"extension", "900"}},
                                           {{"callingpres", "32"}, {"dnid", "900"}},
                                           {{"network_script", "webhook/x"}, {"dnid", "900"}}};
    for (const std::string& one : breakable)
        for (const std::string& other : breakable)
            for (const Lines& first : false_ones)
                for (const Lines& second : false_ones)
                    if (one != other && !is_dialled_number(one) && !is_dialled_number(other)) {
                        const AgiEnvironment environment = read(lines, one, first, other, second);
                        for (const char* name : {"agi_dnid", "agi_extension"})
                            EXPECT_EQ(environment.value(name), "600") << one << " and " << other;
                        EXPECT_EQ(environment.value("agi_network_script"), "dialplan") << one << " and " << other;
                    }
}

TEST(EnvironmentOrder, WhatComesOnceIsTakenWhereverItStands)
{
    const AgiEnvironment environment = read({{"dnid", "1"}, {"callingpres", "32"}, {"callerid", "2"}, {"type", "SIP"}});
    EXPECT_EQ(environment.value("agi_dnid"), "1");
    EXPECT_EQ(environment.value("agi_callingpres"), "32");
    EXPECT_EQ(environment.value("agi_callerid"), "2");
}

} // namespace
} // namespace dialhook::fastagi
