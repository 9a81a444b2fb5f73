#include "egress/network.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>

namespace dialhook::egress {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

/// Reads strictly: the characters are checked first because the library would look up a zone id and stop at a NUL.
std::optional<address> read_address(std::string_view text)
{
    const bool v6 = text.find(':') != std::string_view::npos;
    const auto allowed = v6 ? std::string_view("0123456789abcdefABCDEF:.") : std::string_view("0123456789.");
    if (text.empty() || text.size() > 45 || text.find_first_not_of(allowed) != std::string_view::npos)
        return std::nullopt;

    boost::system::error_code error;
    const auto read = boost::asio::ip::make_address(std::string(text), error);
    if (error)
        return std::nullopt;
    return read;
}

std::optional<unsigned> read_length(std::string_view text, unsigned longest)
{
    if (text.empty() || (text.size() > 1 && text.front() == '0'))
        return std::nullopt;

    unsigned length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || end != text.data() + text.size() || length > longest)
        return std::nullopt;
    return length;
}

/// Returns the bits of byte `index` that a prefix of `length` bits fixes.
unsigned char fixed_bits(unsigned index, unsigned length)
{
    if (length >= index * 8 + 8)
        return 0xff;
    if (length <= index * 8)
        return 0;
    return static_cast<unsigned char>(0xff00U >> (length - index * 8));
}

template <typename Bytes>
bool same_prefix(const Bytes& bytes, const unsigned char* other, unsigned length)
{
    const unsigned whole = length / 8;
    if (!std::equal(bytes.begin(), bytes.begin() + whole, other))
        return false;
    return length % 8 == 0 || ((bytes[whole] ^ other[whole]) & fixed_bits(whole, length)) == 0;
}

} // namespace

Network::Network(const Bytes& bytes, unsigned length, bool v6)
    : bytes_(bytes)
    , length_(static_cast<unsigned char>(length))
    , v6_(v6)
{
    for (unsigned index = 0; index < bytes_.size(); ++index)
        bytes_[index] &= fixed_bits(index, length);
}

Network Network::of(const boost::asio::ip::address& address)
{
    if (address.is_v6())
        return {address.to_v6().to_bytes(), 128, true};

    Bytes bytes{};
    const auto four = address.to_v4().to_bytes();
    std::copy(four.begin(), four.end(), bytes.begin());
    return {bytes, 32, false};
}

std::optional<Network> Network::parse_clearing_host_bits(std::string_view text)
{
    const auto slash = text.find('/');
    const auto address = read_address(text.substr(0, slash));
    if (!address)
        return std::nullopt;

    const auto single = Network::of(*address);
    if (slash == std::string_view::npos)
        return single;

    const auto length = read_length(text.substr(slash + 1), single.length_);
    if (!length)
        return std::nullopt;
    return Network(single.bytes_, *length, single.v6_);
}

std::optional<Network> Network::parse(std::string_view text)
{
    auto network = parse_clearing_host_bits(text);
    if (network && network->bytes_ != Network::of(*read_address(text.substr(0, text.find('/')))).bytes_)
        return std::nullopt;
    return network;
}

bool Network::contains(const boost::asio::ip::address& address) const
{
    if (address.is_v6() != v6_)
        return false;
    if (v6_)
        return same_prefix(bytes_, address.to_v6().to_bytes().data(), length_);
    return same_prefix(bytes_, address.to_v4().to_bytes().data(), length_);
}

bool Network::contains(const Network& other) const
{
    return v6_ == other.v6_ && length_ <= other.length_ && same_prefix(bytes_, other.bytes_.data(), length_);
}

boost::asio::ip::address Network::address() const
{
    if (v6_)
        return address_v6(bytes_);
    return address_v4({bytes_[0], bytes_[1], bytes_[2], bytes_[3]});
}

std::string Network::to_string() const
{
    auto text = address().to_string();
    if (length_ != (v6_ ? 128 : 32))
        text.append("/").append(std::to_string(length_));
    return text;
}

} // namespace dialhook::egress
