#include "net/dns/dns_cache_entry.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace dialhook::net {
namespace {

/// A connection, as far as a name knows it.
struct User final : AddressUser
{
    explicit User(const char* used)
        : where(asio::ip::make_address(used))
    {
    }

    asio::ip::address address() const override { return where; }
    void address_is_gone() override
    {
        ++told;
        if (ends != nullptr)
            ends->reset();
    }

    asio::ip::address where;
    int told = 0;
    std::unique_ptr<User>* ends = nullptr; ///< another one that it takes along
};

Addresses list(const std::vector<const char*>& texts)
{
    Addresses addresses;
    for (const char* const text : texts)
        addresses.push_back(asio::ip::make_address(text));
    return addresses;
}

/// Without DNS: what the hosts file says is enough to move a name.
class DnsCacheEntryTest : public testing::Test
{
protected:
    void hosts_say(const std::vector<const char*>& texts)
    {
        const Addresses addresses = list(texts);
        name_->take_from_hosts(&addresses);
    }

    asio::io_context context_;
    TimerWheel wheel_{context_};
    std::unique_ptr<DnsChannel> no_channel_;
    std::shared_ptr<DnsCacheEntry> name_ = std::make_shared<DnsCacheEntry>("crm.test", wheel_, no_channel_);
};

TEST_F(DnsCacheEntryTest, TellsOnceWhoseAddressIsGone)
{
    User stays("192.0.2.1");
    User goes("192.0.2.2");
    User goes_too("2001:db8::2");
    hosts_say({"192.0.2.1", "192.0.2.2", "2001:db8::2"});
    for (User* const user : {&stays, &goes, &goes_too})
        name_->add(*user);
    EXPECT_EQ(goes.told, 0);

    hosts_say({"192.0.2.1", "192.0.2.3"});
    hosts_say({"192.0.2.1"});
    EXPECT_EQ(stays.told, 0);
    EXPECT_EQ(goes.told, 1);
    EXPECT_EQ(goes_too.told, 1);
}

TEST_F(DnsCacheEntryTest, TellsAtOnceWhoComesWithAnAddressThatIsGoneAlready)
{
    User late("192.0.2.1");
    hosts_say({"192.0.2.2"});
    name_->add(late);
    EXPECT_EQ(late.told, 1);
}

TEST_F(DnsCacheEntryTest, OneThatIsToldMayEndAnother)
{
    auto other = std::make_unique<User>("192.0.2.2");
    User first("192.0.2.1");
    first.ends = &other;
    hosts_say({"192.0.2.1", "192.0.2.2"});
    name_->add(first);
    name_->add(*other);
    hosts_say({"192.0.2.3"});
    EXPECT_EQ(first.told, 1);
    EXPECT_EQ(other, nullptr);
}

TEST_F(DnsCacheEntryTest, KeepsItsUsersWhileNothingIsKnown)
{
    User user("192.0.2.1");
    hosts_say({"192.0.2.1"});
    name_->add(user);
    name_->take_from_hosts(nullptr); // and DNS does not answer
    EXPECT_EQ(user.told, 0);
}

TEST_F(DnsCacheEntryTest, LivesAsLongAsItsUsers)
{
    User user("192.0.2.1");
    hosts_say({"192.0.2.1"});
    name_->add(user);
    const std::weak_ptr<DnsCacheEntry> known = name_;
    name_.reset();
    EXPECT_FALSE(known.expired());
}

} // namespace
} // namespace dialhook::net
