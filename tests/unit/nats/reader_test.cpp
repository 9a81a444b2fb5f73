#include "nats/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dialhook::nats {
namespace {

using testing::ElementsAre;

struct Read
{
    std::vector<ServerMessage> messages;
    std::string fault;

    bool operator==(const Read&) const = default;
};

/// All that `bytes` hold when they come in portions.
Read read(std::string_view bytes, std::size_t portion = std::string_view::npos)
{
    Read all;
    Reader reader;
    while (!bytes.empty()) {
        reader.feed(bytes.substr(0, portion));
        bytes.remove_prefix(std::min(portion, bytes.size()));
        while (true) {
            const auto next = reader.next();
            if (!next) {
                all.fault = next.error();
                return all;
            }
            if (!*next)
                break;
            all.messages.push_back(**next);
        }
    }
    return all;
}

Message message(std::string subject, std::string payload, std::string headers = {})
{
    return {std::move(subject), 1, std::move(headers), std::move(payload)};
}

TEST(NatsReader, ReadsEachCommand)
{
    const Read all = read("INFO {\"version\":\"2.9.10\",\"max_payload\":100,\"headers\":true,\"tls_required\":true,"
                          "\"tls_available\":true,\"ldm\":true,\"connect_urls\":[\"a\",{\"b\":[]}]} \r\n"
                          "+OK\r\nPING\r\nPONG\r\n-ERR 'Stale Connection'\r\n"
                          "MSG _INBOX.x.7 1 5\r\nhello\r\n"
                          "MSG _INBOX.x.8 1 reply.to 0\r\n\r\n"
                          "HMSG _INBOX.x.9 1 16 18\r\nNATS/1.0 503\r\n\r\nab\r\n");
    EXPECT_EQ(all.fault, "");
    EXPECT_THAT(all.messages,
                ElementsAre(Info{"2.9.10", 100, true, true, true, true}, Ok{}, Ping{}, Pong{},
                            ServerError{"Stale Connection"}, message("_INBOX.x.7", "hello"), message("_INBOX.x.8", ""),
                            message("_INBOX.x.9", "ab", "NATS/1.0 503\r\n\r\n")));
}

TEST(NatsReader, PortionsChangeNothing)
{
    const std::string bytes =
        "INFO {}\r\nMSG a 1 4\r\n\r\n\r\n\r\nPING\r\nHMSG a 1 b 12 14\r\nNATS/1.0\r\n\r\nhi\r\n+OK\r\n";
    const Read whole = read(bytes);
    EXPECT_EQ(whole.messages.size(), 5U);
    for (std::size_t portion = 1; portion < bytes.size(); ++portion)
        EXPECT_EQ(read(bytes, portion), whole) << portion;
}

TEST(NatsReader, IsLenientAboutBlanksCaseAndLineFeeds)
{
    EXPECT_THAT(read("ping\n  pong \r\nmsg\ta  1\t2 \r\nok\r\n-err\tno quotes \r\n").messages,
                ElementsAre(Ping{}, Pong{}, message("a", "ok"), ServerError{"no quotes"}));
}

TEST(NatsReader, WhatIsNotToldHasItsDefault)
{
    EXPECT_THAT(read("INFO {\"max_payload\":\"many\",\"version\":3}\r\n").messages, ElementsAre(Info{}));
}

TEST(NatsReader, TextOfTheServerIsFitForALog)
{
    EXPECT_THAT(read("-ERR 'a\tb\x1b[2J\x80'\r\n").messages, ElementsAre(ServerError{"ab[2J\xE2\x82\xAC"}));
    EXPECT_THAT(read("-ERR '" + std::string(1000, 'x') + "'\r\n").messages,
                ElementsAre(ServerError{std::string(256, 'x')}));
}

TEST(NatsReader, RefusesWhatIsNotTheProtocol)
{
    EXPECT_EQ(read("HTTP/1.1 400 Bad Request\r\n").fault, "a line that is none of NATS");
    EXPECT_EQ(read("\r\n").fault, "a line that is none of NATS");
    EXPECT_EQ(read("INFO\r\n").fault, "an INFO that is not JSON");
    EXPECT_EQ(read("INFO {\"a\":1\r\n").fault, "an INFO that is not JSON");
    EXPECT_EQ(read("INFO {} x\r\n").fault, "an INFO that is not JSON");
    EXPECT_EQ(read("INFO {\"a\":\"\xff\"}\r\n").fault, "an INFO that is not JSON");
    EXPECT_EQ(read("INFO {\"a\":" + std::string(100, '[') + std::string(100, ']') + "}\r\n").fault,
              "an INFO that is not JSON");
    EXPECT_EQ(read("MSG a 1\r\n").fault, "a message with a wrong number of arguments");
    EXPECT_EQ(read("MSG a 1 b 2 3\r\n").fault, "a message with a wrong number of arguments");
    EXPECT_EQ(read("HMSG a 1 2\r\n").fault, "a message with a wrong number of arguments");
    EXPECT_EQ(read("HMSG a 1 b 2 3 4\r\n").fault, "a message with a wrong number of arguments");
    EXPECT_EQ(read("MSG a x 2\r\n").fault, "a message with a wrong size");
    EXPECT_EQ(read("MSG a 1 -2\r\n").fault, "a message with a wrong size");
    EXPECT_EQ(read("MSG a 1 99999999999999999999999\r\n").fault, "a message with a wrong size");
    EXPECT_EQ(read("HMSG a 1 5 4\r\n").fault, "a message with a wrong size");
    EXPECT_EQ(read("MSG a 1 2\r\nabc\r\n").fault, "a message that does not end where it says");
}

TEST(NatsReader, LimitsWhatItHolds)
{
    EXPECT_EQ(read(std::string(Reader::max_line, 'a')).fault, "");
    EXPECT_EQ(read(std::string(Reader::max_line + 1, 'a')).fault, "a line of more than 32 KiB");
    const std::string largest(Reader::max_message, 'a');
    EXPECT_THAT(read("MSG a 1 1048576\r\n" + largest + "\r\n").messages, ElementsAre(message("a", largest)));
    EXPECT_EQ(read("MSG a 1 1048577\r\n").fault, "a message of more than 1 MiB");
}

TEST(NatsReader, NothingIsReadAfterAFault)
{
    Reader reader;
    reader.feed("nonsense\r\nPING\r\n");
    EXPECT_FALSE(reader.next());
    reader.feed("PING\r\n");
    EXPECT_EQ(reader.next().error(), "a line that is none of NATS");
}

TEST(NatsReader, SaysWhetherAllWasRead)
{
    Reader reader;
    EXPECT_TRUE(reader.is_empty());
    reader.feed("PING\r\nP");
    EXPECT_TRUE(*reader.next());
    EXPECT_FALSE(reader.is_empty());
    reader.feed("ONG\r\n");
    EXPECT_TRUE(*reader.next());
    EXPECT_TRUE(reader.is_empty());
    reader.feed("MSG a 1 1\r\n");
    EXPECT_FALSE(*reader.next());
    EXPECT_FALSE(reader.is_empty());
}

} // namespace
} // namespace dialhook::nats
