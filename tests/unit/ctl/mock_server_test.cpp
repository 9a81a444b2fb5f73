#include "ctl/mock/replies_file.hpp"
#include "ctl/mock/server.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

namespace dialhook::mock {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A mock on a free port, played by a thread of its own for as long as a test lasts.
class MockServer : public testing::Test
{
protected:
    explicit MockServer(const char* yaml)
        : server_(server_io_, {asio::ip::address_v4::loopback(), 0}, std::get<ReplyRules>(read_replies(yaml, "test")),
                  [](std::string_view) {})
        , thread_([this] { server_io_.run(); })
    {
    }
    MockServer()
        : MockServer("- {path: /nak, reply: {status: NAK}}\n"
                     "- {path: /close, close: true}\n"
                     "- {path: /reset, reset: true}\n"
                     "- {path: /hang, hang: true}\n"
                     "- {path: /slow, delay: 50ms, drip: 1ms, body: slow}\n"
                     "- {path: /short, headers: {Content-Length: '10'}, body: short}\n"
                     "- {path: /empty, http_status: 204}\n"
                     "- {path: /type, headers: {Content-Type: text/html, Set-Cookie: a}, body: x}\n"
                     "- reply: {status: ACK, destination: '{did}'}\n")
    {
    }
    ~MockServer() override
    {
        server_io_.stop();
        thread_.join();
    }

    tcp::socket connected()
    {
        tcp::socket socket(client_io_);
        socket.connect(server_.endpoint());
        return socket;
    }

    /// Everything that comes back until the server closes.
    std::string conversation(const std::string& bytes, boost::system::error_code expected = asio::error::eof)
    {
        tcp::socket socket = connected();
        asio::write(socket, asio::buffer(bytes));
        std::string answer;
        boost::system::error_code error;
        asio::read(socket, asio::dynamic_buffer(answer), error);
        EXPECT_EQ(error, expected);
        return answer;
    }

    static std::string get(const std::string& target, const std::string& headers = "Connection: close\r\n")
    {
        return "GET " + target + " HTTP/1.1\r\nHost: crm\r\n" + headers + "\r\n";
    }

private:
    asio::io_context server_io_;
    asio::io_context client_io_;
    Server server_;
    std::thread thread_;
};

TEST_F(MockServer, AnswersByItsRules)
{
    EXPECT_THAT(conversation(get("/nak?did=1")), EndsWith("\r\n\r\nstatus=NAK"));
    EXPECT_THAT(conversation(get("/?did=%2B31")), EndsWith("\r\n\r\nstatus=ACK&destination=%2B31"));
    EXPECT_THAT(conversation("POST / HTTP/1.1\r\nHost: crm\r\nConnection: close\r\nContent-Length: 12\r\n"
                             "Content-Type: application/json\r\n\r\n{\"did\":\"+1\"}"),
                EndsWith("status=ACK&destination=%2B1"));
}

TEST_F(MockServer, KeepsAConnectionForManyRequests)
{
    const std::string both = conversation(get("/nak", "") + get("/?did=1"));
    EXPECT_THAT(both, HasSubstr("status=NAKHTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(both, EndsWith("status=ACK&destination=1"));
}

TEST_F(MockServer, ClosesAfterHttp10AndAnswersHeadWithoutABody)
{
    EXPECT_THAT(conversation("GET /nak HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200 OK\r\n"));
    const std::string head = conversation("HEAD /nak HTTP/1.1\r\nHost: crm\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(head, HasSubstr("Content-Length: 10\r\n"));
    EXPECT_THAT(head, EndsWith("\r\n\r\n"));
}

TEST_F(MockServer, BreaksOffAsTold)
{
    EXPECT_EQ(conversation(get("/close")), "");
    EXPECT_EQ(conversation(get("/reset"), asio::error::connection_reset), "");
}

TEST_F(MockServer, HangsWithoutHoldingUpOthers)
{
    tcp::socket hanging = connected();
    asio::write(hanging, asio::buffer(get("/hang")));
    EXPECT_THAT(conversation(get("/nak")), EndsWith("status=NAK"));
    EXPECT_EQ(hanging.available(), 0U);
}

TEST_F(MockServer, TakesItsTime)
{
    const auto start = std::chrono::steady_clock::now();
    const std::string answer = conversation(get("/slow"));
    const auto least = std::chrono::milliseconds(50) + std::chrono::milliseconds(1) * (answer.size() - 1);
    EXPECT_GE(std::chrono::steady_clock::now() - start, least);
    EXPECT_THAT(answer, EndsWith("\r\n\r\nslow"));
}

TEST_F(MockServer, SendsWhatTheAuthorSaysEvenWhenItIsWrong)
{
    const std::string answer = conversation(get("/short", ""));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 10\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nshort"));
    EXPECT_THAT(conversation(get("/type")), HasSubstr("Content-Type: text/html\r\n"));
    EXPECT_THAT(conversation(get("/empty")), StartsWith("HTTP/1.1 204 No Content\r\n"));
}

TEST_F(MockServer, SaysContinueToWhoWaitsForIt)
{
    EXPECT_THAT(conversation("POST /nak HTTP/1.1\r\nHost: crm\r\nConnection: close\r\nExpect: 100-continue\r\n"
                             "Content-Length: 1\r\n\r\nx"),
                StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(MockServer, AnswersNonsenseWith400)
{
    EXPECT_THAT(conversation("SSH-2.0-OpenSSH\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_THAT(conversation(get("/nak", "X: " + std::string(100'000, 'x') + "\r\n")), StartsWith("HTTP/1.1 400"));
}

TEST_F(MockServer, ServesManyConnectionsAtOnce)
{
    std::vector<tcp::socket> sockets;
    for (int i = 0; i < 200; ++i)
        sockets.push_back(connected());
    for (tcp::socket& socket : sockets)
        asio::write(socket, asio::buffer(get("/nak", "")));
    for (tcp::socket& socket : sockets) {
        std::string answer;
        asio::read_until(socket, asio::dynamic_buffer(answer), "status=NAK");
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    }
}

} // namespace
} // namespace dialhook::mock
