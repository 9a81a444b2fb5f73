#include "net/dns/dns_cache_entry.hpp"
#include "unit/net/coroutine.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
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

using Udp = asio::ip::udp;

/// A DNS server on the test's own event loop. Whatever the name is, it has an address of each family.
class DnsAnswers
{
public:
    /// Says whether, and how, a query is answered.
    enum class Way : unsigned char
    {
        address,
        no_data,
        failure,
        silence
    };

    using Ask = std::function<Way(Family)>;

    DnsAnswers(asio::io_context& context, Ask ask)
        : socket_(context, Udp::endpoint(asio::ip::address_v4::loopback(), 0))
        , ask_(std::move(ask))
    {
        receive();
    }

    Udp::endpoint address() const { return socket_.local_endpoint(); }

    /// Answers the last query for AAAA that was left in silence.
    void answer_v6_late(Way way) { answer(silent_v6_.first, Family::v6, way, silent_v6_.second); }

private:
    void receive()
    {
        socket_.async_receive_from(asio::buffer(query_), from_, [this](error_code error, std::size_t size) {
            if (error)
                return;
            const std::string query(query_.data(), size);
            // The name's end, type and class end the question.
            const std::size_t end_of_name = query.find('\0', header_size);
            const Family family = query.at(end_of_name + 2) == type_of(Family::v4) ? Family::v4 : Family::v6;
            const std::string question = query.substr(0, end_of_name + 5);
            const Way way = ask_(family);
            if (way == Way::silence && family == Family::v6)
                silent_v6_ = {question, from_};
            answer(question, family, way, from_);
            receive();
        });
    }

    static char type_of(Family family) { return static_cast<char>(family == Family::v4 ? 1 : 28); }

    void answer(std::string message, Family family, Way way, const Udp::endpoint& to)
    {
        if (way == Way::silence)
            return;
        message[2] = static_cast<char>(0x81); // a response
        message[3] = static_cast<char>(way == Way::failure ? 0x82 : 0x80);
        message[7] = static_cast<char>(way == Way::address ? 1 : 0);
        message.replace(8, 4, 4, '\0'); // neither authorities nor additional records
        if (way == Way::address) {
            const std::size_t size = family == Family::v4 ? 4 : 16;
            message += std::string("\xC0\x0C\0", 3) + type_of(family) + std::string("\0\1\0\0\x0E\x10\0", 7) +
                       static_cast<char>(size) + std::string(size - 1, '\0') + '\1'; // for an hour
        }
        socket_.send_to(asio::buffer(message), to);
    }

    static constexpr std::size_t header_size = 12;

    Udp::socket socket_;
    Ask ask_;
    std::array<char, 512> query_{};
    Udp::endpoint from_;
    std::pair<std::string, Udp::endpoint> silent_v6_;
};

/// With DNS.
class DnsCacheEntryAsks : public testing::Test
{
protected:
    using Way = DnsAnswers::Way;

    /// Returns the number of addresses that a caller gets.
    std::size_t ask(DnsAnswers::Ask answers)
    {
        server_.emplace(context_, std::move(answers));
        channel_ = std::make_unique<DnsChannel>(context_, wheel_, DnsChannel::Servers{server_->address()});
        std::size_t count = 0;
        start(context_, [&]() -> Awaitable<void> {
            name_->ask();
            DnsCacheEntry::Waiter waiter(*name_);
            co_await waiter.event.wait();
            count = name_->addresses(Clock::now()).size();
            context_.stop();
        });
        context_.run();
        context_.restart();
        return count;
    }

    bool is_fresh_in(std::chrono::seconds time) const { return name_->is_fresh(Clock::now() + time); }

    asio::io_context context_;
    TimerWheel wheel_{context_};
    std::optional<DnsAnswers> server_;
    std::unique_ptr<DnsChannel> channel_;
    std::shared_ptr<DnsCacheEntry> name_ = std::make_shared<DnsCacheEntry>("crm.test", wheel_, channel_);
};

TEST_F(DnsCacheEntryAsks, IsFreshForTheTimeToLive)
{
    EXPECT_EQ(ask([](Family) { return Way::address; }), 2U);
    EXPECT_TRUE(is_fresh_in(std::chrono::minutes(50)));
    EXPECT_FALSE(is_fresh_in(std::chrono::hours(1)));
}

TEST_F(DnsCacheEntryAsks, AFamilyWithoutAddressesIsKnown)
{
    EXPECT_EQ(ask([](Family family) { return family == Family::v6 ? Way::address : Way::no_data; }), 1U);
    EXPECT_TRUE(is_fresh_in(std::chrono::minutes(50)));
}

TEST_F(DnsCacheEntryAsks, AFamilyThatIsNotKnownIsAskedForAgainSoon)
{
    EXPECT_EQ(ask([](Family family) { return family == Family::v6 ? Way::address : Way::failure; }), 1U);
    EXPECT_FALSE(is_fresh_in(std::chrono::seconds(5)));
}

/// The first query for A is lost, and repeated: no one goes on with AAAA alone meanwhile.
TEST_F(DnsCacheEntryAsks, WaitsForALateAnswerForA)
{
    int queries = 0;
    EXPECT_EQ(
        ask([&queries](Family family) { return family == Family::v4 && ++queries == 1 ? Way::silence : Way::address; }),
        2U);
}

TEST_F(DnsCacheEntryAsks, AnAnswerThatComesLaterIsKnownForItsTimeToLive)
{
    EXPECT_EQ(ask([](Family family) { return family == Family::v6 ? Way::silence : Way::address; }), 1U);
    EXPECT_FALSE(is_fresh_in(std::chrono::seconds(5)));
    server_->answer_v6_late(Way::address);
    while (name_->addresses(Clock::now()).size() == 1)
        ASSERT_NE(context_.run_one_for(std::chrono::seconds(10)), 0U) << "the answer was lost";
    EXPECT_TRUE(is_fresh_in(std::chrono::minutes(50)));
}

} // namespace
} // namespace dialhook::net
