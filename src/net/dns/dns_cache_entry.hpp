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

/// What one thread knows of one name, who waits to know more, and who uses its addresses.
class DnsCacheEntry : public std::enable_shared_from_this<DnsCacheEntry>
{
public:
    /// `channel`: null while DNS cannot be asked; it outlives the last user, or `forget_users`.
    DnsCacheEntry(std::string host, TimerWheel& wheel, const std::unique_ptr<DnsChannel>& channel);

    const std::string& host() const { return host_; }

    bool is_fresh(TimePoint now) const { return now < fresh_until_; }

    /// Whether the last known addresses may still serve as the last resort.
    bool is_usable(TimePoint now) const { return !addresses(now).empty(); }

    /// Whether callers wait for an answer at present.
    bool is_asking() const { return asking_; }

    bool failed_last_time() const { return failed_; }

    /// A caller did not want to wait any longer: until DNS answers again, others wait less.
    void lose_patience() { failed_ = true; }

    /// Those that may be dialled at `now`, fresh or old.
    Addresses addresses(TimePoint now) const;

    /// Starts the questions for both families, if DNS can be asked.
    void ask();

    /// Asks again what a closed channel left open.
    void ask_elsewhere();

    /// What a caller gets who has waited: addresses, fresh or old, or why there are none.
    Result<Addresses> outcome(TimePoint now) const;

    /// One caller that waits; its gate opens when the questions are settled.
    struct Waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
    {
        explicit Waiter(DnsCacheEntry& name);

        Event event;
    };

    /// From now on the name is asked for again when its time is over, and `user` hears when its address is gone,
    /// perhaps before this returns.
    void add(AddressUser& user);

    /// Takes what the hosts file says of the name in place of DNS. Null: it has no such name.
    void take_from_hosts(const Addresses* entry);

    void forget_users();

private:
    /// What DNS last said of one family.
    struct Records
    {
        Addresses addresses;
        TimePoint fresh_until{};
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
    unsigned round_ = 0; ///< tells a late answer of an earlier round from one of this
    TimePoint asked_at_{};
    std::array<std::optional<DnsAnswer>, 2> answers_;
    /// Each leaves it at its end, without a search: thousands may wait, and give up in one moment.
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
