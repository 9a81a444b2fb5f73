#include "net/http/tunnel.hpp"

#include "fuzz/decision_property.hpp"
#include "fuzz/require.hpp"
#include "fuzz/socket_pair.hpp"
#include "fuzz/targets.hpp"
#include "net/http/response_head.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <memory>
#include <optional>
#include <string>

namespace dialhook::fuzz {
namespace {

net::Target through_proxy()
{
    net::Target target{"crm.example", 443, nullptr, nullptr};
    target.proxy = std::make_shared<egress::Proxy>(egress::Proxy{"proxy.lan", 3128, "Basic eDp5"});
    return target;
}

struct Outcome
{
    bool ended = false;
    std::optional<net::Failure> failure;
};

net::Awaitable<void> ask(net::TcpSocket& socket, const net::Target& target, Outcome& outcome)
{
    net::Cancellation cancellation;
    outcome.failure = co_await net::open_tunnel(socket, target, cancellation);
    outcome.ended = true;
}

} // namespace

/// All that a proxy answers to CONNECT.
void tunnel(std::string_view input)
{
    static const net::Target target = through_proxy();
    input = input.substr(0, 20'000);
    net::asio::io_context context{1};
    SocketPair pair(context);
    pair.send(input);
    pair.end();
    Outcome outcome;
    net::asio::co_spawn(context, ask(pair.ours(), target, outcome), net::asio::detached);
    context.poll();
    require(outcome.ended, "asking for a tunnel ends when the proxy has closed");
    if (outcome.failure) {
        require_sound_outcome(*outcome.failure);
        return;
    }
    // What follows the answer is the tunnel's: it stays in the socket, where TLS finds it and judges it.
    std::string_view rest = input;
    const auto head_of_rest = [&rest] {
        std::size_t from = 0;
        return rest.substr(0, net::size_of_head(rest, from));
    };
    while (head_of_rest().substr(8, 2) == " 1")
        rest.remove_prefix(head_of_rest().size());
    const std::string_view answer = head_of_rest();
    require(answer.starts_with("HTTP/1.") && answer.substr(8, 2) == " 2", "only a 2xx makes a tunnel");
    require(rest.size() == answer.size() + pair.ours().available(), "the tunnel begins where the proxy's answer ends");
}

} // namespace dialhook::fuzz
