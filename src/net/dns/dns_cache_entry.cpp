#include "net/dns/dns_cache_entry.hpp"

#include <algorithm>

namespace dialhook::net {
namespace {

constexpr std::chrono::milliseconds patience_for_v6{50}; // RFC 8305, 3
constexpr std::chrono::seconds patience_for_v4{1};       // most web servers have it alone: a lost query is repeated
constexpr std::chrono::hours max_ttl{1};
constexpr std::chrono::hours max_staleness{1}; // RFC 8767
constexpr std::chrono::seconds between_refreshes{5};

std::size_t index_of(Family family)
{
    return static_cast<std::size_t>(family);
}

/// Returns whether the answer is authoritative about the name, even if it is empty. A failure is not.
bool is_definite(const DnsAnswer& answer)
{
    return answer.status == DnsAnswer::Status::answered || answer.status == DnsAnswer::Status::no_data ||
           answer.status == DnsAnswer::Status::not_found;
}

bool contains(const Addresses& addresses, const asio::ip::address& address)
{
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

} // namespace

DnsCacheEntry::DnsCacheEntry(std::string host, TimerWheel& wheel, const std::unique_ptr<DnsChannel>& channel)
    : host_(std::move(host))
    , wheel_(wheel)
    , channel_(channel)
{
}

bool DnsCacheEntry::Records::are_usable(TimePoint now) const
{
    return !addresses.empty() && now < fresh_until + max_staleness;
}

Addresses DnsCacheEntry::addresses(TimePoint now) const
{
    Addresses found;
    for (const auto& records : known_)
        if (records.are_usable(now))
            found.insert(found.end(), records.addresses.begin(), records.addresses.end());
    return found;
}

void DnsCacheEntry::ask()
{
    if (!channel_)
        return;
    asking_ = true;
    asked_at_ = Clock::now();
    ++round_;
    answers_ = {};
    ask(Family::v6);
    ask(Family::v4);
}

void DnsCacheEntry::ask(Family family)
{
    channel_->ask(host_, family, [self = shared_from_this(), family, round = round_](DnsAnswer answer) {
        if (round == self->round_)
            self->answered(family, std::move(answer));
    });
}

void DnsCacheEntry::ask_elsewhere()
{
    if (asking_)
        ask();
}

bool DnsCacheEntry::has_addresses(Family family) const
{
    const auto& answer = answers_[index_of(family)];
    return answer && !answer->addresses.empty();
}

void DnsCacheEntry::answered(Family family, DnsAnswer answer)
{
    if (!asking_) { // the callers had gone on without it: the next ones have it too
        if (is_definite(answer)) {
            const TimePoint now = Clock::now();
            take(family, answer, now);
            answers_[index_of(family)] = std::move(answer);
            set_freshness(now);
            dismiss_users();
            refresh_in_time();
        }
        return;
    }
    answers_[index_of(family)] = std::move(answer);
    if (answers_[0] && answers_[1])
        settle();
    else if (has_addresses(family))
        wheel_.arm(other_family_, Clock::now() + (family == Family::v4 ? patience_for_v6 : patience_for_v4));
}

void DnsCacheEntry::take(Family family, const DnsAnswer& answer, TimePoint now)
{
    known_[index_of(family)] = {answer.addresses, now + std::min<std::chrono::seconds>(answer.ttl, max_ttl)};
}

/// Until the first of the round's addresses is too old. A family that is not known is asked for again soon: its
/// addresses may be those that work.
void DnsCacheEntry::set_freshness(TimePoint now)
{
    fresh_until_ = now + max_ttl;
    for (std::size_t family = 0; family < answers_.size(); ++family) {
        const auto& answer = answers_[family];
        if (answer && !answer->addresses.empty())
            fresh_until_ = std::min(fresh_until_, known_[family].fresh_until);
        else if (!(answer && is_definite(*answer)) && !known_[family].are_usable(now))
            fresh_until_ = std::min(fresh_until_, now + between_refreshes);
    }
}

void DnsCacheEntry::settle()
{
    wheel_.disarm(other_family_);
    asking_ = false;

    bool found = false;
    bool refused = false;
    bool timed_out = false;
    bool not_found = false;
    bool lacks_resources = false;
    for (const auto& answer : answers_) {
        if (!answer)
            continue;
        found = found || !answer->addresses.empty();
        timed_out = timed_out || answer->status == DnsAnswer::Status::timeout;
        not_found = not_found || answer->status == DnsAnswer::Status::not_found;
        lacks_resources = lacks_resources || answer->status == DnsAnswer::Status::resources;
        refused =
            refused || answer->status == DnsAnswer::Status::failed || answer->status == DnsAnswer::Status::dropped;
    }

    // A family whose question failed keeps the addresses that it had, as the last resort. One that has none any more,
    // on good authority, has no last resort.
    const TimePoint now = Clock::now();
    for (const Family family : {Family::v4, Family::v6})
        if (const auto& answer = answers_[index_of(family)]; answer && is_definite(*answer))
            take(family, *answer, now);

    failed_ = !found;
    if (found)
        set_freshness(now);
    else if (lacks_resources)
        failure_ = {FailureKind::resources, "cannot resolve " + host_ + ": out of file descriptors"};
    else if (timed_out)
        failure_ = {FailureKind::dns_timeout, "no DNS server answered for " + host_};
    else if (refused)
        failure_ = {FailureKind::dns, "the DNS server failed to answer for " + host_};
    else
        failure_ = {FailureKind::dns, host_ + (not_found ? " does not exist in DNS" : " has no address in DNS")};

    const auto self = shared_from_this(); // waiters and users may hold the last references
    wake_waiters();
    dismiss_users();
    refresh_in_time();
}

void DnsCacheEntry::wake_waiters()
{
    // A waiter may be gone as soon as its event is set.
    while (!waiters_.empty()) {
        Waiter& waiter = waiters_.front();
        waiters_.pop_front();
        waiter.event.set();
    }
}

Result<Addresses> DnsCacheEntry::outcome(TimePoint now) const
{
    if (auto usable = addresses(now); !usable.empty())
        return usable;
    if (asking_)
        return Failure{FailureKind::dns_timeout, "no DNS server has answered for " + host_};
    return failure_;
}

DnsCacheEntry::Waiter::Waiter(DnsCacheEntry& name)
{
    name.waiters_.push_back(*this);
}

void DnsCacheEntry::add(AddressUser& user)
{
    user.name_ = shared_from_this();
    users_.push_back(user);
    if (!refresh_.is_armed())
        refresh_in_time();
    if (!has(user.address())) // the name has changed while the connection was made
        dismiss_users();
}

void DnsCacheEntry::take_from_hosts(const Addresses* entry)
{
    if (entry != nullptr) {
        in_hosts_ = *entry;
        wheel_.disarm(refresh_);
        dismiss_users();
    } else if (in_hosts_) {
        in_hosts_.reset();
        refresh_in_time();
    }
}

void DnsCacheEntry::forget_users()
{
    users_.clear();
    wheel_.disarm(refresh_);
}

bool DnsCacheEntry::has(const asio::ip::address& address) const
{
    if (in_hosts_)
        return contains(*in_hosts_, address);
    return contains(known_[index_of(address.is_v6() ? Family::v6 : Family::v4)].addresses, address);
}

/// Dismisses the users whose address is gone. The age of the answer does not matter: while DNS fails, connections stay.
void DnsCacheEntry::dismiss_users()
{
    const auto self = shared_from_this();
    Users gone; // one may end others
    for (auto user = users_.begin(); user != users_.end();) {
        AddressUser& concerned = *user++;
        if (!has(concerned.address())) {
            concerned.leave_name();
            gone.push_back(concerned);
        }
    }
    while (!gone.empty()) {
        AddressUser& user = gone.front();
        gone.pop_front();
        user.address_is_gone();
    }
}

void DnsCacheEntry::refresh()
{
    if (!asking_ && !users_.empty())
        ask();
}

void DnsCacheEntry::refresh_in_time()
{
    if (!in_hosts_ && !users_.empty())
        wheel_.arm(refresh_, std::max(fresh_until_, asked_at_ + between_refreshes));
}

} // namespace dialhook::net
