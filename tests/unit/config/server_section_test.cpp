#include "unit/config/loading.hpp"

#include <boost/asio/ip/address.hpp>
#include <sys/types.h>

#include <filesystem>
#include <string>

namespace dialhook::config::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using Endpoint = boost::asio::ip::udp::endpoint;

TEST(ServerSection, DefaultsAreThoseOfTheManual)
{
    const auto server = load_well("webhooks: {}").server;
    EXPECT_EQ(server.socket, "/run/dialhook/dialhook.sock");
    EXPECT_EQ(server.socket_mode, 0660U);
    EXPECT_EQ(server.socket_group, std::nullopt);
    EXPECT_EQ(server.control, "/run/dialhook/control.sock");
    EXPECT_EQ(server.threads, 1U);
    EXPECT_EQ(server.drain, 10s);
    EXPECT_FALSE(server.redact);
    EXPECT_EQ(server.peers, PeerSettings{});
    EXPECT_TRUE(server.dns_servers.empty());
    EXPECT_EQ(server.log, LogSettings{});
}

TEST(ServerSection, EveryKeyIsRead)
{
    const auto server = load_well(R"(
server:
  socket: /tmp/engines.sock
  socket_mode: "0600"
  socket_group: root
  control: /tmp/control.sock
  threads: 256
  drain: 0
  redact: true
  allow_users: [root, 4242]
  allow_groups: [0, root]
  dns: { servers: [127.0.0.1, "192.0.2.1:5353", "::1", "[::1]", "[2001:db8::1]:54"] }
  log: { level: debug, decisions: failures, format: json, file: /tmp/dialhook.log }
)")
                            .server;
    EXPECT_EQ(server.socket, "/tmp/engines.sock");
    EXPECT_EQ(server.socket_mode, 0600U);
    EXPECT_EQ(server.socket_group, 0U);
    EXPECT_EQ(server.control, "/tmp/control.sock");
    EXPECT_EQ(server.threads, 256U);
    EXPECT_EQ(server.drain, 0ms);
    EXPECT_TRUE(server.redact);
    EXPECT_EQ(server.peers, (PeerSettings{{0, 4242}, {0, 0}}));
    EXPECT_EQ(server.dns_servers, (std::vector<Endpoint>{{make_address("127.0.0.1"), 53},
                                                         {make_address("192.0.2.1"), 5353},
                                                         {make_address("::1"), 53},
                                                         {make_address("::1"), 53},
                                                         {make_address("2001:db8::1"), 54}}));
    EXPECT_EQ(server.log,
              (LogSettings{log::Level::debug, LogDecisions::failures, LogFormat::json, "/tmp/dialhook.log"}));
}

TEST(ServerSection, ModesAreOctalWithAndWithoutQuotes)
{
    for (const auto* mode : {"0640", "\"0640\"", "640", "0o640"})
        EXPECT_EQ(load_well("server: {socket_mode: " + std::string(mode) + "}").server.socket_mode, 0640U) << mode;
}

TEST(ServerSection, TheLongestPathOfASocketIsTaken)
{
    const auto longest = "/" + std::string(106, 'a');
    EXPECT_EQ(load_well("server: {socket: " + longest + "}").server.socket, longest);
    EXPECT_EQ(faults_of("server: {socket: " + longest + "a}"),
              "1:18: server.socket: found a path of 108 bytes, expected at most 107, the longest that a Unix socket "
              "may have");
}

TEST(ServerSection, ListenersWithRoomForEachOther)
{
    EXPECT_EQ(faults_of("server: {fastagi: \"127.0.0.1:4573\", http: \"127.0.0.2:4573\"}"), "");
    EXPECT_EQ(faults_of("server: {fastagi: \"127.0.0.1:4573\", http: \"127.0.0.1:4574\"}"), "");
    EXPECT_EQ(faults_of("server: {fastagi: \"0.0.0.0:4573\", http: \"[::1]:4573\"}"), "");
}

TEST(ServerSection, OneSocketByTwoNames)
{
    const Folder folder;
    std::filesystem::create_directory(folder.path() / "run");
    std::filesystem::create_directory_symlink(folder.path() / "run", folder.path() / "var");
    folder.write("main.yaml", "server:\n  socket: " + (folder.path() / "run/a").string() +
                                  "\n  control: " + (folder.path() / "var/a").string() + "\n");
    EXPECT_EQ(
        folder.faults_of("main.yaml"),
        "main.yaml:3:12: server.control: `socket` and `control` are the same path, expected two; dialplan engines "
        "and dialhookctl each have a socket of their own");
}

TEST(ServerSection, ASocketWhereNoneCanBeMadeIsAWarning)
{
    const Folder folder;
    const std::string file = folder.write("file", "").string();
    folder.write("main.yaml", "server:\n  socket: " + file + "\n  control: /nonexistent/a.sock\n");
    EXPECT_EQ(
        folder.warnings_of("main.yaml"),
        "main.yaml:2:11: warning: server.socket: this exists and is not a socket, so a start cannot listen here; "
        "remove it, or set another path\n"
        "main.yaml:3:12: warning: server.control: there is no folder /nonexistent/, so a start cannot listen here; "
        "make it first");
    folder.write("main.yaml", "server: {socket: " + folder.path().string() + "}\n");
    EXPECT_NE(folder.warnings_of("main.yaml").find("is not a socket"), std::string::npos);
}

TEST(ServerSection, TheFolderOfASocketMayComeWithTheService)
{
    for (const std::string folder : {"/run/no-such-service", "/var/run/no-such-service"})
        EXPECT_EQ(warnings_of("server: {socket: " + folder + "/a.sock, control: /tmp/no-such-control.sock}"), "");
}

TEST(ServerSection, NoWrittenFileIsOneOfTheConfiguration)
{
    const Folder folder;
    const std::string at = folder.path().string();
    folder.write("d/a.yaml", "webhooks: {}\n");
    std::filesystem::create_symlink(at + "/d/a.yaml", at + "/spool.db");
    folder.write("main.yaml", "server:\n  spool: " + at + "/spool.db\n  log: {file: " + at +
                                  "/d/../main.yaml}\ninclude: d/*.yaml\n");
    EXPECT_EQ(
        folder.faults_of("main.yaml"),
        "main.yaml:2:10: server.spool: this is d/a.yaml, a file of the configuration, which would be written over; "
        "set another path\n"
        "main.yaml:3:15: server.log.file: this is main.yaml, a file of the configuration, which would be written "
        "over; set another path");
    folder.write("main.yaml", "server: {spool: " + at + "/a.db, log: {file: " + at + "/a.log}}\ninclude: d/*.yaml\n");
    EXPECT_EQ(folder.faults_of("main.yaml"), "");
}

class ServerSectionFaults : public testing::TestWithParam<FaultCase>
{
};

TEST_P(ServerSectionFaults, AreNamed)
{
    EXPECT_EQ(faults_of(GetParam().yaml), GetParam().faults);
}

#define NAME_SERVER "expected the address of a name server, such as 127.0.0.1, 127.0.0.1:5353, ::1 or [::1]:5353"

constexpr FaultCase faults[] = {
    {"UnknownKeyNear", "server: {sokcet: /a}", "1:10: server: unknown key \"sokcet\"; did you mean \"socket\"?"},
    {"UnknownKeyElsewhere", "server: {timeout: 1s}",
     "1:10: server: unknown key \"timeout\"; it belongs under webhooks.NAME, webhooks.NAME.ivr and notifications.NAME"},
    {"UnknownKeyOfTheTop", "server: {include: a}",
     "1:10: server: unknown key \"include\"; it belongs at the top level of the main file"},
    {"UnknownKeyFar", "server: {dns: {proxy: a}}", "1:16: server.dns: unknown key \"proxy\"; it belongs under egress"},
    {"UnknownKeyInLog", "server: {log: {lvel: info}}",
     "1:16: server.log: unknown key \"lvel\"; did you mean \"level\"?"},
    {"LogFileIsRelative", "server: {log: {file: a.log}}",
     "1:22: server.log.file: found \"a.log\", expected the absolute path of a file, such as /etc/dialhook/file"},
    {"LogFileInNoFolder", "server: {log: {file: /nonexistent/a.log}}",
     "1:22: server.log.file: there is no folder /nonexistent/; make it first"},
    {"LogFileIsAFolder", "server: {log: {file: /tmp}}",
     "1:22: server.log.file: found a folder, expected the path of a file in it"},
    {"LogFileOfSyslog", "server: {log: {file: /tmp/a, format: syslog}}",
     "1:22: server.log.file: `format: syslog` writes to no file; leave one of the two out"},
    {"List", "server: []", "1:9: server: found a list, expected a mapping (`key: value`)"},
    {"True", "server: {log: true}", "1:15: server.log: found true, expected a mapping (`key: value`)"},
    {"RelativePath", "server: {socket: run/a}",
     "1:18: server.socket: found \"run/a\", expected the absolute path of a file, such as "
     "/run/dialhook/dialhook.sock"},
    {"FolderAsPath", "server: {control: /run/}",
     "1:19: server.control: found \"/run/\", expected the absolute path of a file, such as "
     "/run/dialhook/dialhook.sock"},
    {"PathWithNul", "server: {control: \"/run/a\\0b\"}",
     "1:19: server.control: found \"/run/a?b\", expected the absolute path of a file, such as "
     "/run/dialhook/dialhook.sock"},
    {"PathIsNothing", "server: {control: }", "1:19: server.control: found nothing, expected an absolute path"},
    {"SamePaths", "server:\n  socket: /run/a\n  control: /run/./a\n",
     "3:12: server.control: `socket` and `control` are the same path, expected two; dialplan engines and dialhookctl "
     "each "
     "have a socket of their own"},
    {"SocketIsTheDefaultOfControl", "server: {socket: /run/dialhook/control.sock}",
     "1:18: server.socket: `socket` and `control` are the same path, expected two; dialplan engines and dialhookctl "
     "each "
     "have a socket of their own"},
    {"LogFileIsTheSpool", "server: {spool: /tmp/dialhook-a, log: {file: /tmp/./dialhook-a}}",
     "1:46: server.log.file: `spool` and `log.file` are the same path, expected two; set another path for one of them"},
    {"SpoolIsTheSocket", "server: {spool: /tmp/dialhook-a, socket: /tmp//dialhook-a}",
     "1:17: server.spool: `socket` and `spool` are the same path, expected two; set another path for one of them"},
    {"LogFileIsTheSocketOfControl", "server: {log: {file: /tmp/dialhook-a}, control: /tmp/dialhook-a}",
     "1:22: server.log.file: `control` and `log.file` are the same path, expected two; set another path for one of "
     "them"},
    {"NoOctal", "server: {socket_mode: 0888}",
     "1:23: server.socket_mode: found 0888, expected a file mode in octal from 0000 to 0777, such as 0660"},
    {"StickyMode", "server: {socket_mode: 01777}",
     "1:23: server.socket_mode: found 01777, expected a file mode in octal from 0000 to 0777, such as 0660"},
    {"SymbolicMode", "server: {socket_mode: u+rw}",
     "1:23: server.socket_mode: found \"u+rw\", expected a file mode in octal from 0000 to 0777, such as 0660"},
    {"UnknownGroup", "server: {socket_group: no-such-group}",
     "1:24: server.socket_group: there is no group \"no-such-group\" on this system; create it, or write a number"},
    {"NoThreads", "server: {threads: 0}", "1:19: server.threads: found 0, expected a whole number from 1 to 256"},
    {"ManyThreads", "server: {threads: 257}", "1:19: server.threads: found 257, expected a whole number from 1 to 256"},
    {"HugeThreads", "server: {threads: 99999999999999999999}",
     "1:19: server.threads: found 99999999999999999999, expected a whole number from 1 to 256"},
    {"NegativeThreads", "server: {threads: -1}",
     "1:19: server.threads: found -1, expected a whole number from 1 to 256"},
    {"BrokenThreads", "server: {threads: 1.5}",
     "1:19: server.threads: found 1.5, expected a whole number from 1 to 256"},
    {"QuotedThreads", "server: {threads: \"2\"}",
     "1:19: server.threads: found \"2\", expected a whole number from 1 to 256, without quotes"},
    {"TrueThreads", "server: {threads: true}",
     "1:19: server.threads: found true, expected a whole number from 1 to 256"},
    {"NoTime", "server: {drain: soon}",
     "1:17: server.drain: found \"soon\", expected a time such as 250ms, 1.5s, 2m or 1h (a bare number is seconds)"},
    {"LongTime", "server: {drain: 25h}", "1:17: server.drain: found \"25h\", expected a time from 0s to 24h"},
    {"NegativeTime", "server: {drain: -1}", "1:17: server.drain: found -1, expected a time from 0s to 24h"},
    {"YesIsNoBoolean", "server: {redact: yes}",
     "1:18: server.redact: found \"yes\", expected true or false, without quotes"},
    {"QuotedBoolean", "server: {redact: 'true'}",
     "1:18: server.redact: found \"true\", expected true or false, without quotes"},
    {"NumberIsNoBoolean", "server: {redact: 1}",
     "1:18: server.redact: found 1, expected true or false, without quotes"},
    {"UnknownUser", "server: {allow_users: [root, no-such-user, [a], 4294967295]}",
     "1:30: server.allow_users: there is no user \"no-such-user\" on this system; create it, or write a number\n"
     "1:44: server.allow_users: found a list, expected the name or number of a user\n"
     "1:49: server.allow_users: found \"4294967295\" as the number of a user, expected one from 0 to 4,294,967,294"},
    {"OddUser", "server: {allow_groups: [\"aste\xD1\x80isk\", 99999999999]}",
     "1:25: server.allow_groups: there is no group \"aste\xD1\x80isk\" on this system; create it, or write a number; "
     "there "
     "is U+0440 (CYRILLIC SMALL LETTER ER) in it, in column 30: write p from the keyboard\n"
     "1:37: server.allow_groups: found \"99999999999\" as the number of a group, expected one from 0 to 4,294,967,294"},
    {"SamePort", "server:\n  http: 127.0.0.1:4573\n  fastagi: 127.0.0.1:4573\n",
     "2:9: server.http: `fastagi` and `http` have port 4573 of one address, expected two; choose another port for one "
     "of "
     "them"},
    {"SamePortOfAllAddresses", "server: {fastagi: \"0.0.0.0:4573\", http: \"127.0.0.1:4573\"}",
     "1:41: server.http: `fastagi` and `http` have port 4573 of one address, expected two; choose another port for one "
     "of "
     "them"},
    {"SamePortOfBothFamilies", "server: {fastagi: \"127.0.0.1:4573\", http: \"[::]:4573\"}",
     "1:43: server.http: `fastagi` and `http` have port 4573 of one address, expected two; choose another port for one "
     "of "
     "them"},
    {"SamePortOfAMappedAddress", "server: {fastagi: \"127.0.0.1:4573\", http: \"[::ffff:127.0.0.1]:4573\"}",
     "1:43: server.http: `fastagi` and `http` have port 4573 of one address, expected two; choose another port for one "
     "of "
     "them"},
    {"UsersAreAList", "server: {allow_users: root}",
     "1:23: server.allow_users: found a text, expected a list of names or numbers, such as [asterisk]"},
    {"EmptyGroups", "server: {allow_groups: []}",
     "1:24: server.allow_groups: found an empty list, expected at least one name or number; leave the key out to let "
     "in whom "
     "the socket's mode lets in"},
    {"NameServers",
     "server:\n  dns:\n    servers: [dns.lan, \"1.2.3.4:0\", \"1.2.3.4:65536\", \"[::1]x\", \"[::1\", \"1.2.3.4:\"]",
     "3:15: server.dns.servers: found \"dns.lan\", " NAME_SERVER "\n"
     "3:24: server.dns.servers: found \"1.2.3.4:0\", " NAME_SERVER "\n"
     "3:37: server.dns.servers: found \"1.2.3.4:65536\", " NAME_SERVER "\n"
     "3:54: server.dns.servers: found \"[::1]x\", " NAME_SERVER "\n"
     "3:64: server.dns.servers: found \"[::1\", " NAME_SERVER "\n"
     "3:72: server.dns.servers: found \"1.2.3.4:\", " NAME_SERVER},
    {"NameServersAreAList", "server: {dns: {servers: 127.0.0.1}}",
     "1:25: server.dns.servers: found a text, expected a list of addresses, such as [127.0.0.1:53]"},
    {"LogWords", "server: {log: {level: warn, decisions: failure, format: [text]}}",
     "1:23: server.log.level: found \"warn\", expected debug, info, warning or error\n"
     "1:40: server.log.decisions: found \"failure\", expected all, failures or none; did you mean \"failures\"?\n"
     "1:57: server.log.format: found a list, expected auto, text, json or syslog"},
};
INSTANTIATE_TEST_SUITE_P(All, ServerSectionFaults, testing::ValuesIn(faults), case_name);

TEST(Http, HasAnAddressAndNames)
{
    const auto loaded = load_well("server: { http: \"127.0.0.1:9464\", http_hosts: [PBX.example.org] }\n");
    EXPECT_EQ(loaded.server.http.listen->port(), 9464);
    EXPECT_EQ(loaded.server.http.hosts, std::vector<std::string>{"pbx.example.org"});
    EXPECT_FALSE(load_well("server: {}\n").server.http.listen);
    EXPECT_EQ(faults_of("server: { http: localhost }\n"),
              "1:17: server.http: found \"localhost\", expected an address with a port to listen on, such as "
              "127.0.0.1:9464 or [::1]:9464");
    EXPECT_EQ(faults_of("server: { http_hosts: [\"pbx:9464\"] }\n"),
              "1:24: server.http_hosts: found \"pbx:9464\", expected the name of a host without port, such as "
              "pbx.example.org");
}

} // namespace
} // namespace dialhook::config::test
