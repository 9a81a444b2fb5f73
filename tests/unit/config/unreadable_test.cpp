#include "config/unreadable.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace dialhook::config::test {
namespace {

constexpr std::string_view sandbox =
    "62 60 0:29 / / ro,relatime - overlay overlay rw\n"
    "81 62 0:45 /systemd/inaccessible/dir /root ro,nosuid shared:1 - tmpfs tmpfs rw\n"
    "82 62 0:46 /host/inaccessible/dir /home ro,nosuid - tmpfs tmpfs rw\n"
    "\n"
    "90 62 0:29 /tmp/systemd-private-0a-dialhook.service-Xy/tmp /tmp rw - overlay overlay rw\n"
    "91 62 0:29 /systemd-private-0a-dialhook.service-Xy/tmp /var/tmp rw - tmpfs tmpfs rw\n"
    "92 62 0:50 / /run/dialhook rw - tmpfs tmpfs rw\n"
    "93 62 0:50";

TEST(Unreadable, WhatSystemdHidesIsKnownByItsMounts)
{
    EXPECT_EQ(hidden_by_systemd(sandbox, "/root/ca.pem"), "/root");
    EXPECT_EQ(hidden_by_systemd(sandbox, "/home/jan/ca.pem"), "/home");
    EXPECT_EQ(hidden_by_systemd(sandbox, "/tmp/ca.pem"), "/tmp");
    EXPECT_EQ(hidden_by_systemd(sandbox, "/var/tmp/a/ca.pem"), "/var/tmp");
    for (const auto* file :
         {"/etc/dialhook/ca.pem", "/tmpfiles/ca.pem", "/rooted", "/run/dialhook/a", "/tmp", "ca.pem", ""})
        EXPECT_EQ(hidden_by_systemd(sandbox, file), "") << file;
    EXPECT_EQ(hidden_by_systemd("", "/tmp/ca.pem"), "");
}

TEST(Unreadable, ARemedyIsForFilesThatAreMissingOrForbidden)
{
    EXPECT_EQ(remedy_of_unreadable("/etc/dialhook/ca.pem", "No such file or directory"), "");
    EXPECT_EQ(remedy_of_unreadable("/etc/dialhook/ca.pem", "Is a directory"), "");
    const auto forbidden = remedy_of_unreadable("/etc/dialhook/ca.pem", "Permission denied");
    EXPECT_TRUE(forbidden.starts_with("; the user ")) << forbidden;
    EXPECT_TRUE(forbidden.ends_with(" needs the right to read it")) << forbidden;
}

} // namespace
} // namespace dialhook::config::test
