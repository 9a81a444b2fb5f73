// Publishes lines of standard input, `ID BODY`, with the daemon's NATS client, and says on standard output what came of
// each attempt: `ID stored in STREAM as SEQUENCE`, with ` again` if JetStream had it, or `ID failed: WHY`, after which
// it tries again.
//
//     nats-publisher PORT[,PORT…] SUBJECT [USER PASSWORD [CA-FILE]]      ("" for none)

#include "net/nats/nats_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <unistd.h>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace dialhook::net {
namespace {

constexpr std::chrono::milliseconds connect_timeout{1000};
constexpr std::chrono::milliseconds timeout{2000};
constexpr std::chrono::milliseconds between_attempts{200};
constexpr const char* host = "localhost"; // as in the certificates of the tests

NatsTarget target_of(const std::vector<std::string>& arguments)
{
    NatsTarget target;
    std::istringstream ports(arguments.at(0));
    for (std::string port; std::getline(ports, port, ',');)
        target.servers.push_back({host, static_cast<std::uint16_t>(std::stoi(port))});
    if (arguments.size() > 3)
        target.login = {arguments[2], arguments[3], {}};
    if (arguments.size() > 4) {
        static TlsContexts contexts;
        TlsSettings settings;
        settings.ca_file = arguments[4];
        target.tls = contexts.open(settings).context;
    }
    return target;
}

class Publisher
{
public:
    Publisher(asio::io_context& context, const std::vector<std::string>& arguments)
        : context_(context)
        , client_(context, poller_, wheel_, resolver_, target_of(arguments),
                  {std::chrono::seconds(30), 2, between_attempts})
        , subject_(arguments.at(1))
    {
        asio::co_spawn(context_, read(), asio::detached);
    }

private:
    Awaitable<void> read()
    {
        asio::posix::basic_stream_descriptor<Executor> input(context_, STDIN_FILENO);
        std::string text;
        while (true) {
            const auto [error, size] =
                co_await asio::async_read_until(input, asio::dynamic_buffer(text), '\n', as_result);
            if (error)
                break;
            asio::co_spawn(context_, publish(text.substr(0, size - 1)), asio::detached);
            text.erase(0, size);
        }
        is_read_ = true;
        end_when_done();
    }

    Awaitable<void> publish(std::string line)
    {
        ++under_way_;
        const std::string id = line.substr(0, line.find(' '));
        const std::string body = line.substr(id.size() + 1);
        for (bool is_stored = false; !is_stored;) {
            Cancellation cancellation;
            const Deadline deadline(wheel_, cancellation, Clock::now() + timeout);
            const NatsResult result =
                co_await client_.publish({subject_, id, {}, body}, {rules_, connect_timeout}, cancellation);
            is_stored = result.has_value();
            if (result)
                std::cout << id << " stored in " << result->stream << " as " << result->sequence
                          << (result->is_duplicate ? " again" : "") << std::endl;
            else
                std::cout << id << " failed: " << result.error().detail << std::endl;
            SteadyTimer timer(context_, between_attempts);
            if (!is_stored)
                co_await timer.async_wait(as_result);
        }
        --under_way_;
        end_when_done();
    }

    void end_when_done()
    {
        if (!is_read_ || under_way_ != 0)
            return;
        client_.close();
        resolver_.close();
        wheel_.close();
    }

    asio::io_context& context_;
    Poller poller_{context_};
    TimerWheel wheel_{context_};
    Resolver resolver_{context_, wheel_, ResolverSettings::of_system({})};
    const egress::Rules rules_{{*egress::Entry::parse("127.0.0.1"), *egress::Entry::parse("::1")}, {}};
    NatsClient client_;
    const std::string subject_;
    bool is_read_ = false;
    std::size_t under_way_ = 0;
};

} // namespace
} // namespace dialhook::net

int main(int count, char** arguments)
{
    dialhook::net::asio::io_context context{1};
    const dialhook::net::Publisher publisher(context, {arguments + 1, arguments + count});
    context.run();
}
