#include "net/dns/resolver.hpp"

#include "base/lru_cache.hpp"
#include "net/dns/dns_cache_entry.hpp"
#include "net/dns/root_dot.hpp"

#include <fstream>
#include <sstream>

namespace dialhook::net {

ResolverSettings ResolverSettings::of_system(std::vector<asio::ip::udp::endpoint> servers)
{
    if (servers.empty())
        servers = DnsChannel::system_servers();
    if (servers.empty())
        servers.emplace_back(asio::ip::address_v4::loopback(), std::uint16_t{53}); // as resolv.conf(5) says

    std::ostringstream hosts;
    hosts << std::ifstream("/etc/hosts").rdbuf();
    return {std::move(servers), std::make_shared<HostsFile>(read_hosts_file(hosts.str()))};
}

class Resolver::Impl
{
public:
    Impl(asio::io_context& context, TimerWheel& wheel, ResolverSettings settings)
        : context_(context)
        , wheel_(wheel)
        , settings_(std::move(settings))
        , channel_(std::make_unique<DnsChannel>(context_, wheel_, settings_.servers))
    {
    }

    ~Impl() { close(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Awaitable<Result<Addresses>> resolve(const std::string& host, std::chrono::milliseconds patience,
                                         Cancellation& cancellation)
    {
        if (const Addresses* const entry = in_hosts(host))
            co_return *entry;

        // A copy keeps the entry alive while it is asked for, whatever becomes of the table meanwhile.
        const std::shared_ptr<DnsCacheEntry> name = known(host);
        const TimePoint asked_at = Clock::now();
        if (name->is_fresh(asked_at))
            co_return name->addresses(asked_at);
        if (!name->is_asking())
            name->ask();

        if (name->is_asking()) {
            const bool has_last_resort = name->is_usable(asked_at);
            if (has_last_resort && name->failed_last_time())
                patience = std::min(patience, patience_in_trouble);
            DnsCacheEntry::Waiter waiter(*name);
            const OnCancel on_cancel(cancellation, [&waiter] { waiter.event.set(); });
            FunctionTimer patience_is_over([&waiter] { waiter.event.set(); });
            if (has_last_resort)
                wheel_.arm(patience_is_over, asked_at + patience);
            co_await waiter.event.wait();
            if (name->is_asking() && !cancellation.requested())
                name->lose_patience();
        }
        if (cancellation.requested())
            co_return Failure{FailureKind::cancelled, {}};
        co_return name->outcome(Clock::now());
    }

    void follow(const std::string& host, AddressUser& user)
    {
        const std::shared_ptr<DnsCacheEntry> name = known(host);
        name->take_from_hosts(in_hosts(host));
        name->add(user);
    }

    void configure(ResolverSettings settings)
    {
        const bool other_servers = settings.servers != settings_.servers;
        settings_ = std::move(settings);
        names_.for_each([this](DnsCacheEntry& name) { name.take_from_hosts(in_hosts(name.host())); });
        if (!other_servers || !channel_)
            return;
        const auto old = std::exchange(channel_, std::make_unique<DnsChannel>(context_, wheel_, settings_.servers));
        names_.for_each([](DnsCacheEntry& name) { name.ask_elsewhere(); });
    }

    void close()
    {
        channel_.reset();
        names_.for_each([](DnsCacheEntry& name) { name.forget_users(); });
    }

private:
    /// When DNS is known to be in trouble: long enough to notice that it is back, too short to be heard.
    static constexpr std::chrono::milliseconds patience_in_trouble{50};

    /// More names than most configurations hold; redirects may bring any number of others.
    static constexpr std::size_t many_names = 16384;

    const std::shared_ptr<DnsCacheEntry>& known(const std::string& host)
    {
        const std::string name = without_root_dot(host);
        return names_.of(name, [&] { return std::make_shared<DnsCacheEntry>(name, wheel_, channel_); });
    }

    /// Returns null if the hosts file does not have it.
    const Addresses* in_hosts(const std::string& host) const
    {
        const auto entry = settings_.hosts->find(without_root_dot(host));
        return entry == settings_.hosts->end() ? nullptr : &entry->second;
    }

    asio::io_context& context_;
    TimerWheel& wheel_;
    ResolverSettings settings_;
    LruCache<std::string, DnsCacheEntry> names_{many_names};
    std::unique_ptr<DnsChannel> channel_; ///< last: its end runs the callbacks of the names
};

Resolver::Resolver(asio::io_context& context, TimerWheel& wheel, ResolverSettings settings)
    : impl_(std::make_unique<Impl>(context, wheel, std::move(settings)))
{
}

Resolver::~Resolver() = default;

Awaitable<Result<Addresses>> Resolver::resolve(const std::string& host, std::chrono::milliseconds patience,
                                               Cancellation& cancellation)
{
    return impl_->resolve(host, patience, cancellation);
}

void Resolver::follow(const std::string& host, AddressUser& user)
{
    impl_->follow(host, user);
}

void Resolver::configure(ResolverSettings settings)
{
    impl_->configure(std::move(settings));
}

void Resolver::close()
{
    impl_->close();
}

} // namespace dialhook::net
