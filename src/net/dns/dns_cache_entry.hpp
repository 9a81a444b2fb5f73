#pragma once

#include "net/dns/address_user.hpp"
#include "net/dns/dns_channel.hpp"
#include "net/dns/resolver.hpp"
#include "net/loop/event.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace dialhook::net {

/// One thread's DNS cache entry for one name: its addresses, its waiters, and the connections that use them.
class DnsCacheEntry : public std::enable_shared_from_this<DnsCacheEntry>
{
public:
    /// `channel` is null while DNS cannot be asked. It outlives the last user, or `forget_users`.
    DnsCacheEntry(std::string host, TimerWheel& wheel, const std::unique_ptr<DnsChannel>& channel);

    const std::string& host() const { return host_; }

    bool is_fresh(TimePoint now) const { return now < fresh_until_; }

    /// Returns whether the stale addresses may still be served (RFC 8767).
    bool is_usable(TimePoint now) const { return !addresses(now).empty(); }

    /// Returns whether callers wait for an answer.
    bool is_asking() const { return asking_; }

    bool failed_last_time() const { return failed_; }

    /// Records that a caller ran out of patience: later callers wait less until DNS answers again.
    void lose_patience() { failed_ = true; }

    /// Returns the addresses usable at `now`, fresh or stale.
    Addresses addresses(TimePoint now) const;

    /// Sends the queries for both families, if DNS can be asked.
    void ask();

    /// Repeats on the new channel the queries that a closed one left unanswered.
    void ask_elsewhere();

    /// Returns what a caller gets after its wait: addresses, fresh or stale, or why there are none.
    Result<Addresses> outcome(TimePoint now) const;

    /// One waiting caller. Its event is set when the queries are settled.
    struct Waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Waiter(DnsCacheEntry& name);

        Event event;
    };

    /// Adds a user: the name is queried again when its TTL expires, and `user` is called when its address is gone,
    /// perhaps before this returns.
    void add(AddressUser& user);

    /// Uses the entry of the hosts file instead of DNS. Null if the file does not have the name.
    void take_from_hosts(const Addresses* entry);

    void forget_users();

private:
    /// The last answer for one family.
    struct Records
    {
        Addresses addresses;
        TimePoint fresh_until{};

        bool are_usable(TimePoint now) const;
    };

    using Timed = void (DnsCacheEntry::*)();

    struct Timer final : TimerWheel::Timer
    {
        Timer(DnsCacheEntry& owner, Timed what)
            : name(owner)
            , then(what)
        {
        }
        void expired() override { (name.*then)(); }
        DnsCacheEntry& name;
        Timed then;
    };

    void ask(Family family);
    void answered(Family family, DnsAnswer answer);
    bool has_addresses(Family family) const;
    void take(Family family, const DnsAnswer& answer, TimePoint now);
    void set_freshness(TimePoint now);
    void settle();
    void wake_waiters();
    bool has(const asio::ip::address& address) const;
    void dismiss_users();
    void refresh();
    void refresh_in_time();

    std::string host_;
    TimerWheel& wheel_;
    const std::unique_ptr<DnsChannel>& channel_;

    bool asking_ = false;
    unsigned round_ = 0; ///< tells a late answer of an earlier round from one of this round
    TimePoint asked_at_{};
    std::array<std::optional<DnsAnswer>, 2> answers_;
    /// Waiters unlink themselves when destroyed, without a search: thousands may wait and give up at once.
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiters_;

    std::array<Records, 2> known_; ///< by family
    std::optional<Addresses> in_hosts_;
    TimePoint fresh_until_{};
    bool failed_ = false;
    Failure failure_{FailureKind::dns, {}};

    using Users = boost::intrusive::list<AddressUser, boost::intrusive::base_hook<AddressUser>,
                                         boost::intrusive::constant_time_size<false>>;
    Users users_;

    Timer other_family_{*this, &DnsCacheEntry::settle};
    Timer refresh_{*this, &DnsCacheEntry::refresh};
};

} // namespace dialhook::net
