#include "webhook/authority.hpp"

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/host_name.hpp"
#include "base/percent.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>

#include <charconv>
#include <cstdint>
#include <optional>

namespace dialhook {
namespace {

namespace urls = boost::urls;

/// Returns the host in the form that requests and rules use, or empty.
std::string canonical_host(const urls::authority_view& parsed)
{
    if (parsed.host_type() == urls::host_type::ipv4 || parsed.host_type() == urls::host_type::ipv6) {
        boost::system::error_code error;
        const auto address = boost::asio::ip::make_address(std::string(parsed.host_address()), error);
        const bool has_zone = !error && address.is_v6() && address.to_v6().scope_id() != 0;
        return error || has_zone ? std::string() : address.to_string();
    }
    std::string name = ascii::lowered(std::string_view(parsed.encoded_host().data(), parsed.encoded_host().size()));
    return is_host_name(name, HostNames::as_resolved) ? name : std::string();
}

/// Returns the host if it is a name that may begin with an IPv4 address, such as `10.0.0.1.nip.io`, else nothing. No
/// name ends in a number: `10.0.0.1.` and `10.0.0.0x1` are other spellings of an address.
std::string_view name_like_an_address(std::string_view text)
{
    const std::size_t at = text.rfind('@');
    const std::string_view host = text.substr(at == std::string_view::npos ? 0 : at + 1);
    const std::string_view name = host.substr(0, host.find(':'));
    if (name.empty() || !ascii::is_digit(name.front()) || ends_in_a_number(name) ||
        !is_host_name(name, HostNames::as_resolved))
        return {};
    return name;
}

/// Boost.URL keeps only 16 bits of a port.
std::optional<std::uint16_t> read_port(std::string_view digits)
{
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || port == 0)
        return std::nullopt;
    return port;
}

} // namespace

boost::system::result<Authority, AuthorityError> read_authority(bool https, std::string_view text)
{
    // Boost.URL 1.81 takes the address that a name begins with for the whole host: it gets another name to read.
    const std::string_view name = name_like_an_address(text);
    std::string written(text);
    if (!name.empty())
        written.replace(static_cast<std::size_t>(name.data() - text.data()), name.size(), "name");
    const auto parsed = urls::parse_authority(urls::string_view(written.data(), written.size()));
    if (!parsed)
        return AuthorityError{
            "is not [user:password@]host[:port]; a host name with other letters than a-z is written in "
            "its xn-- form"};

    Authority authority;
    authority.origin.https = https;
    authority.origin.host = name.empty() ? canonical_host(*parsed) : ascii::lowered(name);
    if (authority.origin.host.empty())
        return AuthorityError{"needs a host: a name of letters, digits, dashes and dots, or an address without a zone"};

    authority.origin.port = https ? 443 : 80;
    if (parsed->has_port() && !parsed->port().empty()) {
        const auto port = read_port(std::string_view(parsed->port().data(), parsed->port().size()));
        if (!port)
            return AuthorityError{"has a port that is not 1 to 65535"};
        authority.origin.port = *port;
    }
    if (parsed->has_userinfo()) {
        const auto user_info = std::string(parsed->encoded_userinfo());
        const std::string credentials = percent::decoded(user_info, percent::Plus::stays);
        authority.authorization =
            "Basic " + base64::encoded(credentials.find(':') == std::string::npos ? credentials + ":" : credentials,
                                       base64::Form::padded);
    }
    return authority;
}

} // namespace dialhook
