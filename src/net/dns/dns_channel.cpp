#include "net/dns/dns_channel.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <boost/asio/post.hpp>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <stdexcept>

namespace dialhook::net {
namespace {

constexpr int first_timeout_ms = 400; // doubled at each further round of the servers
constexpr int rounds = 3;
constexpr int tcp_timeout_ms = 1000; // c-ares asks each server once then: to ask again is TCP's own business

void start_library()
{
    static std::once_flag once;
    std::call_once(once, [] {
        if (const int code = ares_library_init(ARES_LIB_INIT_ALL); code != ARES_SUCCESS)
            throw std::runtime_error(std::string("cannot start c-ares: ") + ares_strerror(code));
    });
}

std::string servers_text(const DnsChannel::Servers& servers)
{
    std::string text;
    for (const auto& server : servers) {
        const std::string address = server.address().to_string();
        text += (text.empty() ? "" : ",") + (server.address().is_v6() ? "[" + address + "]" : address) + ":" +
                std::to_string(server.port());
    }
    return text;
}

DnsAnswer::Status status_of(int code)
{
    switch (code) {
    case ARES_SUCCESS:
        return DnsAnswer::Status::answered;
    case ARES_ENODATA:
        return DnsAnswer::Status::no_data;
    case ARES_ENOTFOUND:
        return DnsAnswer::Status::not_found;
    case ARES_ETIMEOUT:
        return DnsAnswer::Status::timeout;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
        return DnsAnswer::Status::dropped;
    default:
        return DnsAnswer::Status::failed;
    }
}

constexpr std::size_t max_addresses = 32;

asio::ip::address address_of(const ares_addrttl& record)
{
    return asio::ip::address_v4(ntohl(record.ipaddr.s_addr));
}

asio::ip::address address_of(const ares_addr6ttl& record)
{
    asio::ip::address_v6::bytes_type bytes;
    std::copy_n(reinterpret_cast<const unsigned char*>(&record.ip6addr), bytes.size(), bytes.begin());
    return asio::ip::address_v6(bytes);
}

template <class Record, class Parse>
DnsAnswer read_records(const unsigned char* message, int size, Parse parse)
{
    std::array<Record, max_addresses> records{};
    int count = max_addresses;
    DnsAnswer answer;
    answer.status = status_of(parse(message, size, nullptr, records.data(), &count));
    if (answer.status != DnsAnswer::Status::answered)
        return answer;

    int ttl = 3600;
    for (int index = 0; index < count; ++index) {
        const Record& record = records[static_cast<std::size_t>(index)];
        ttl = std::min(ttl, record.ttl);
        answer.addresses.push_back(address_of(record));
    }
    answer.ttl = std::chrono::seconds(std::max(ttl, 0));
    if (answer.addresses.empty())
        answer.status = DnsAnswer::Status::no_data;
    return answer;
}

/// The TC bit (RFC 1035, 4.1.1): the answer did not fit into a datagram.
bool is_truncated(const unsigned char* message, int size)
{
    return message != nullptr && size > 2 && (message[2] & 0x02) != 0;
}

/// c-ares calls every socket that it cannot open a refused connection.
bool is_out_of_descriptors()
{
    const int probe = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe >= 0)
        ::close(probe);
    return probe < 0;
}

} // namespace

struct DnsChannel::Question
{
    DnsChannel& channel;
    std::string name;
    Family family;
    Callback callback;
};

/// One socket of c-ares. It is c-ares that closes it, so the descriptor is released first.
struct DnsChannel::Watch
{
    Watch(asio::io_context& context, ares_socket_t socket)
        : descriptor(context, socket)
    {
    }

    asio::posix::basic_stream_descriptor<Executor> descriptor;
    bool open = true;
    bool wants_read = false;
    bool wants_write = false;
    bool waits_for_read = false;
    bool waits_for_write = false;
};

DnsChannel::DnsChannel(asio::io_context& context, TimerWheel& wheel, Servers servers, Transport transport)
    : context_(context)
    , wheel_(wheel)
    , servers_(std::move(servers))
    , transport_(transport)
    , timeout_(*this)
{
    start_library();

    // Everything that resolv.conf could say is given, so c-ares reads no file on this event loop.
    std::string lookups = "b";
    ares_options options{};
    options.flags = transport == Transport::tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC;
    options.timeout = transport == Transport::tcp ? tcp_timeout_ms : first_timeout_ms;
    options.tries = rounds;
    options.ndots = 1;
    options.lookups = lookups.data();
    options.sock_state_cb = &DnsChannel::socket_changed;
    options.sock_state_cb_data = this;
    const int flags = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_LOOKUPS |
                      ARES_OPT_DOMAINS | ARES_OPT_SORTLIST | ARES_OPT_SERVERS | ARES_OPT_SOCK_STATE_CB;
    if (const int code = ares_init_options(&channel_, &options, flags); code != ARES_SUCCESS)
        throw std::runtime_error(std::string("cannot create a c-ares channel: ") + ares_strerror(code));
    if (const int code = ares_set_servers_ports_csv(channel_, servers_text(servers_).c_str()); code != ARES_SUCCESS)
        throw std::runtime_error(std::string("c-ares refuses the DNS servers: ") + ares_strerror(code));
}

DnsChannel::~DnsChannel()
{
    ares_destroy(channel_);
}

void DnsChannel::ask(const std::string& name, Family family, Callback callback)
{
    auto question = std::make_unique<Question>(Question{*this, name, family, std::move(callback)});
    ares_query(channel_, name.c_str(), ns_c_in, family == Family::v4 ? ns_t_a : ns_t_aaaa, &DnsChannel::answered,
               question.release());
    schedule_timeout();
}

void DnsChannel::answered(void* argument, int code, int, unsigned char* message, int size)
{
    const std::unique_ptr<Question> question(static_cast<Question*>(argument));
    if (question->channel.transport_ == Transport::udp_then_tcp && is_truncated(message, size)) {
        question->channel.ask_over_tcp(std::move(*question));
        return;
    }
    DnsAnswer answer;
    if (code == ARES_ECONNREFUSED && is_out_of_descriptors())
        answer.status = DnsAnswer::Status::resources;
    else if (code != ARES_SUCCESS)
        answer.status = status_of(code);
    else if (question->family == Family::v4)
        answer = read_records<ares_addrttl>(message, size, ares_parse_a_reply);
    else
        answer = read_records<ares_addr6ttl>(message, size, ares_parse_aaaa_reply);
    question->callback(std::move(answer));
}

void DnsChannel::ask_over_tcp(Question question)
{
    const auto place =
        over_tcp_.insert(over_tcp_.end(), std::make_unique<DnsChannel>(context_, wheel_, servers_, Transport::tcp));
    DnsChannel& channel = **place;
    channel.ask(question.name, question.family,
                [this, place, callback = std::move(question.callback)](DnsAnswer answer) {
                    // A channel must not end within its own callback; one that is dropped ends already.
                    if (answer.status != DnsAnswer::Status::dropped) {
                        asio::post(context_, [done = std::shared_ptr<DnsChannel>(std::move(*place))] {});
                        over_tcp_.erase(place);
                    }
                    callback(std::move(answer));
                });
}

DnsChannel::Servers DnsChannel::system_servers()
{
    start_library();
    ares_channel channel = nullptr;
    Servers servers;
    if (ares_init(&channel) != ARES_SUCCESS)
        return servers;
    ares_addr_port_node* first = nullptr;
    if (ares_get_servers_ports(channel, &first) == ARES_SUCCESS)
        for (const auto* node = first; node != nullptr; node = node->next) {
            const auto port = static_cast<std::uint16_t>(node->udp_port == 0 ? 53 : node->udp_port);
            if (node->family == AF_INET)
                servers.emplace_back(asio::ip::address_v4(ntohl(node->addr.addr4.s_addr)), port);
            else
                servers.emplace_back(address_of(ares_addr6ttl{node->addr.addr6, 0}), port);
        }
    ares_free_data(first);
    ares_destroy(channel);
    return servers;
}

void DnsChannel::socket_changed(void* self, ares_socket_t socket, int readable, int writable)
{
    auto& channel = *static_cast<DnsChannel*>(self);
    auto& watch = channel.watches_[socket];
    if (!watch)
        watch = std::make_shared<Watch>(channel.context_, socket);
    watch->wants_read = readable != 0;
    watch->wants_write = writable != 0;
    if (readable != 0 || writable != 0) {
        channel.wait(watch, asio::posix::descriptor_base::wait_read);
        channel.wait(watch, asio::posix::descriptor_base::wait_write);
        return;
    }
    watch->open = false;
    watch->descriptor.release();
    channel.watches_.erase(socket);
}

void DnsChannel::wait(const std::shared_ptr<Watch>& watch, asio::posix::descriptor_base::wait_type direction)
{
    const bool is_read = direction == asio::posix::descriptor_base::wait_read;
    bool& waits = is_read ? watch->waits_for_read : watch->waits_for_write;
    if (!watch->open || waits || !(is_read ? watch->wants_read : watch->wants_write))
        return;
    waits = true;
    watch->descriptor.async_wait(direction, [this, watch, direction, is_read, &waits](error_code error) {
        waits = false;
        if (error || !watch->open)
            return;
        const ares_socket_t socket = watch->descriptor.native_handle();
        process(is_read ? socket : ARES_SOCKET_BAD, is_read ? ARES_SOCKET_BAD : socket);
        wait(watch, direction);
    });
}

void DnsChannel::process(ares_socket_t readable, ares_socket_t writable)
{
    ares_process_fd(channel_, readable, writable);
    schedule_timeout();
}

void DnsChannel::schedule_timeout()
{
    timeval room{};
    if (const timeval* const wait = ares_timeout(channel_, nullptr, &room); wait != nullptr)
        wheel_.arm(timeout_,
                   Clock::now() + std::chrono::seconds(wait->tv_sec) + std::chrono::microseconds(wait->tv_usec));
    else
        wheel_.disarm(timeout_);
}

} // namespace dialhook::net
