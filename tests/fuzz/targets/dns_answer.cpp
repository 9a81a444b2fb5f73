#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"
#include "net/dns/dns_channel.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace dialhook::fuzz {
namespace {

namespace asio = net::asio;
using asio::ip::udp;
using net::DnsAnswer;

/// A DNS server on the loopback device that answers one question of each family with the same bytes.
class Server
{
public:
    explicit Server(asio::io_context& context)
        : socket_(context, udp::endpoint(asio::ip::address_v4::loopback(), 0))
    {
        socket_.non_blocking(true);
    }

    udp::endpoint endpoint() const { return socket_.local_endpoint(); }

    /// Only what has the number of the question is looked at, so it gets that.
    void answer(std::string_view bytes)
    {
        std::array<char, 512> question{};
        udp::endpoint from;
        boost::system::error_code error;
        if (socket_.receive_from(asio::buffer(question), from, 0, error) < 2 || error)
            return;
        std::string answer(bytes);
        std::copy_n(question.begin(), std::min<std::size_t>(2, answer.size()), answer.begin());
        socket_.send_to(asio::buffer(answer), from, 0, error);
    }

private:
    udp::socket socket_;
};

void require_sound(const DnsAnswer& answer, net::Family family)
{
    const bool has_addresses = !answer.addresses.empty();
    require(has_addresses == (answer.status == DnsAnswer::Status::answered), "an answer has addresses");
    require(answer.addresses.size() <= 32, "there are not more addresses than promised");
    require(answer.ttl.count() >= 0 && answer.ttl <= std::chrono::hours(1), "a TTL is within its limits");
    for (const auto& address : answer.addresses)
        require(address.is_v6() == (family == net::Family::v6), "an address is of the family that was asked for");
}

} // namespace

/// A datagram of a name server that was asked for the addresses of crm.lan.
void dns_answer(std::string_view input)
{
    input = input.substr(0, 4096);
    asio::io_context context{1};
    net::TimerWheel wheel(context);
    Server server(context);
    for (const net::Family family : {net::Family::v4, net::Family::v6}) {
        std::optional<DnsAnswer> answer;
        {
            net::DnsChannel channel(context, wheel, {server.endpoint()});
            channel.ask("crm.lan", family, [&](DnsAnswer said) { answer = std::move(said); });
            server.answer(input);
            context.poll(); // what was no answer is waited for no longer: the channel's end answers for it
        }
        require(answer.has_value(), "each question is answered once");
        require_sound(*answer, family);
    }
    wheel.close();
    context.restart();
    context.poll();
}

} // namespace dialhook::fuzz
