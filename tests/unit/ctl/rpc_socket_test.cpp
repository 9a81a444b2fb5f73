#include "ctl/rpc_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <thread>

namespace dialhook::ctl {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::StartsWith;

/// A daemon that takes one connection, reads one line, and says what it was told to say.
class ScriptedDaemon
{
public:
    explicit ScriptedDaemon(std::string answer)
        : thread_([this, text = std::move(answer)] { play(text); })
    {
    }
    ~ScriptedDaemon()
    {
        thread_.join();
        ::unlink(path().c_str());
    }

    [[nodiscard]] std::string path() const { return path_; }
    [[nodiscard]] const std::string& question() const { return question_; }

private:
    void play(const std::string& answer)
    {
        stream_protocol::socket peer = acceptor_.accept();
        asio::read_until(peer, asio::dynamic_buffer(question_), '\n');
        asio::write(peer, asio::buffer(answer));
        if (answer.empty())
            return;
        // The client hangs up once it has what it wants.
        boost::system::error_code ended;
        std::string rest;
        asio::read_until(peer, asio::dynamic_buffer(rest), '\n', ended);
    }

    std::string path_ = testing::TempDir() + "rpc-" + std::to_string(::getpid());
    asio::io_context io_;
    stream_protocol::acceptor acceptor_{io_, stream_protocol::endpoint(path_)};
    std::string question_;
    std::thread thread_;
};

Json ask(const ScriptedDaemon& daemon, std::chrono::milliseconds limit = 10s)
{
    return RpcSocket(daemon.path()).call("status", Json{{"a", "é"}}, limit);
}

/// The failure of a question to a daemon that answers so.
CommandFailure failure_of(const std::string& answer, std::chrono::milliseconds limit = 10s)
{
    const ScriptedDaemon daemon(answer);
    try {
        (void)ask(daemon, limit);
    } catch (const CommandFailure& failure) {
        return failure;
    }
    return {ExitCode::done, "no failure"};
}

CommandFailure failure_to_connect(const std::string& path)
{
    try {
        const RpcSocket socket(path);
    } catch (const CommandFailure& failure) {
        return failure;
    }
    return {ExitCode::done, "no failure"};
}

TEST(RpcSocket, AsksOnOneLineAndReturnsTheResult)
{
    const ScriptedDaemon daemon(R"({"jsonrpc":"2.0","id":1,"result":{"b":1,"a":2}})"
                                "\n");
    EXPECT_EQ(ask(daemon).dump(), R"({"b":1,"a":2})");
    EXPECT_EQ(daemon.question(), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":{\"a\":\"é\"}}\n");
}

TEST(RpcSocket, PassesOverWhatIsNotItsAnswer)
{
    const ScriptedDaemon daemon(R"({"jsonrpc":"2.0","method":"note"})"
                                "\n"
                                R"({"jsonrpc":"2.0","id":7,"result":0})"
                                "\n"
                                R"({"jsonrpc":"2.0","id":1,"result":42})"
                                "\n");
    EXPECT_EQ(ask(daemon), 42);
}

TEST(RpcSocket, AnErrorObjectIsARefusalWithItsDetails)
{
    const ScriptedDaemon daemon(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32010,"message":"re\u001bfused",)"
                                R"("data":{"errors":["a:1:2: x","b\n"]}}})"
                                "\n");
    try {
        (void)ask(daemon);
        FAIL() << "no refusal";
    } catch (const DaemonRefusal& refusal) {
        EXPECT_EQ(refusal.code(), ExitCode::refused);
        EXPECT_EQ(refusal.rpc_code(), -32010);
        EXPECT_STREQ(refusal.what(), "re\\x1bfused");
        EXPECT_THAT(refusal.details(), ElementsAre("a:1:2: x", "b\\n"));
        EXPECT_EQ(refusal.json(), R"({"code":-32010,"message":"re\u001bfused","data":{"errors":["a:1:2: x","b\n"]}})");
    }
}

TEST(RpcSocket, AnErrorWithoutAnIdIsOurs)
{
    EXPECT_STREQ(failure_of(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600}})"
                            "\n")
                     .what(),
                 "an error without a message");
}

TEST(RpcSocket, SaysWhatIsWrongWithAnAnswer)
{
    EXPECT_THAT(failure_of("SSH-2.0\n").what(), StartsWith("what answers on "));
    EXPECT_STREQ(failure_of("{\"id\":1}\n").what(), "the daemon's answer has no result");
    const CommandFailure closed = failure_of("");
    EXPECT_THAT(closed.what(), testing::HasSubstr(" without an answer"));
    EXPECT_EQ(closed.code(), ExitCode::refused);
}

TEST(RpcSocket, WaitsNoLongerThanItsLimit)
{
    const CommandFailure late = failure_of("{\"half\":", 50ms);
    EXPECT_EQ(late.code(), ExitCode::no_daemon);
    EXPECT_THAT(late.what(), testing::HasSubstr(" gave no answer in time\n"));
}

TEST(RpcSocket, SaysWhyItCannotConnectAndWhatHelps)
{
    const CommandFailure missing = failure_to_connect("/nowhere/\x1b.sock");
    EXPECT_EQ(missing.code(), ExitCode::no_daemon);
    EXPECT_THAT(missing.what(), StartsWith("no daemon answers on /nowhere/\\x1b.sock: No such file or directory\n"
                                           "  Is it running?               systemctl status dialhook\n"));
    EXPECT_EQ(failure_to_connect("").code(), ExitCode::wrong_usage);
    EXPECT_EQ(failure_to_connect(std::string(108, 'x')).code(), ExitCode::wrong_usage);
    EXPECT_EQ(failure_to_connect(std::string(107, 'x')).code(), ExitCode::no_daemon);
}

} // namespace
} // namespace dialhook::ctl
