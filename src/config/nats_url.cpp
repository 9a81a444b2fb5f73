#include "config/nats_url.hpp"

#include "base/ascii.hpp"
#include "base/lookalike.hpp"
#include "base/percent.hpp"
#include "webhook/authority.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace dialhook::config {
namespace {

using events::NatsUrl;
using Fault = std::optional<TemplateError>;

constexpr std::string_view scheme = "nats://";
constexpr std::uint16_t default_port = 4222;
constexpr std::size_t max_servers = 16;
constexpr std::size_t max_subject = 255;

bool is_blank_or_control(char byte)
{
    return static_cast<unsigned char>(byte) <= 0x20 || byte == 0x7F;
}

bool may_stand_in_subject(char byte)
{
    return ascii::is_alphanumeric(byte) || byte == '-' || byte == '_' || byte == '.';
}

/// The pieces of one URL, read from the left to the right.
class Reading
{
public:
    explicit Reading(std::string_view text)
        : text_(text)
    {
    }

    boost::system::result<NatsUrl, TemplateError> url()
    {
        for (const auto step :
             {&Reading::check_characters, &Reading::read_user_info, &Reading::read_servers, &Reading::read_subject})
            if (Fault fault = (this->*step)())
                return *std::move(fault);
        show();
        return std::move(url_);
    }

private:
    static Fault fault_at(std::size_t offset, std::string message) { return TemplateError{offset, std::move(message)}; }

    Fault check_characters()
    {
        const auto* const blank = std::find_if(text_.begin(), text_.end(), is_blank_or_control);
        if (blank != text_.end())
            return fault_at(static_cast<std::size_t>(blank - text_.begin()),
                            "a URL has no white space or control characters; write it in one line");
        if (const auto odd = first_lookalike(text_))
            return fault_at(odd->offset, "this URL has " + name_of(*odd) + " in it: " + remedy(*odd));
        end_of_authority_ = std::min(text_.find_first_of("/?#", scheme.size()), text_.size());
        return std::nullopt;
    }

    Fault read_user_info()
    {
        servers_at_ = scheme.size();
        const std::string_view authority = text_.substr(servers_at_, end_of_authority_ - servers_at_);
        const auto at = authority.rfind('@');
        if (at == std::string_view::npos)
            return std::nullopt;
        servers_at_ += at + 1;
        const std::string_view info = authority.substr(0, at);
        if (info.find('@') != std::string_view::npos)
            return fault_at(scheme.size(), "the user info stands once, before the first server; an @ in it is written "
                                           "%40");
        const auto colon = info.find(':');
        const auto decoded = [](std::string_view part) { return percent::decoded(part, percent::Plus::stays); };
        if (info.empty() || colon == 0 || colon == info.size() - 1)
            return fault_at(scheme.size(), "the user info is USER:PASSWORD or a token; a part of it is empty");
        if (colon == std::string_view::npos) {
            url_.token = decoded(info);
        } else {
            url_.user = decoded(info.substr(0, colon));
            url_.password = decoded(info.substr(colon + 1));
        }
        return std::nullopt;
    }

    Fault read_servers()
    {
        for (std::size_t at = servers_at_;;) {
            const auto end = std::min(text_.find(',', at), end_of_authority_);
            if (Fault fault = read_server(at, text_.substr(at, end - at)))
                return fault;
            if (end == end_of_authority_)
                break;
            at = end + 1;
        }
        if (url_.servers.size() > max_servers)
            return fault_at(servers_at_, "found more than 16 servers; a few of a cluster are enough, they name the "
                                         "others themselves");
        return std::nullopt;
    }

    Fault read_server(std::size_t offset, std::string_view written)
    {
        auto authority = read_authority(false, written);
        if (!authority)
            return fault_at(offset, "a server of " + std::string(scheme) + " " + authority.error().message);
        const auto bracket = written.rfind(']'); // the colons of an IPv6 address begin no port
        const bool has_port =
            written.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos &&
            !written.ends_with(':');
        NatsUrl::Server server{std::move(authority->origin.host), has_port ? authority->origin.port : default_port};
        if (std::ranges::find(url_.servers, server) != url_.servers.end())
            return fault_at(offset, "this server appears twice");
        url_.servers.push_back(std::move(server));
        return std::nullopt;
    }

    Fault read_subject()
    {
        const std::string_view rest = text_.substr(end_of_authority_);
        if (rest.size() < 2 || rest.front() != '/')
            return fault_at(end_of_authority_, "the URL names no subject; write one after the servers, such as "
                                               "nats://127.0.0.1:4222/dialhook.calls");
        const std::string_view subject = rest.substr(1);
        const auto* const odd = std::find_if_not(subject.begin(), subject.end(), may_stand_in_subject);
        const bool has_gap = subject.starts_with('.') || subject.ends_with('.') || subject.find("..") != subject.npos;
        if (odd != subject.end() || has_gap)
            return fault_at(end_of_authority_ + 1 +
                                (odd == subject.end() ? 0 : static_cast<std::size_t>(odd - subject.begin())),
                            "a subject is words of letters, digits, - and _ with dots between them, and without the "
                            "wildcards * and >");
        if (subject.size() > max_subject)
            return fault_at(end_of_authority_ + 1, "the subject is longer than 255 bytes");
        url_.subject = subject;
        return std::nullopt;
    }

    /// One text for all ways to write it: the spool knows what waits by it.
    void show()
    {
        url_.shown = scheme;
        if (servers_at_ != scheme.size())
            url_.shown += "***@";
        for (const auto& [host, port] : url_.servers) {
            const bool is_ipv6 = host.find(':') != std::string::npos;
            url_.shown += (url_.shown.ends_with('/') || url_.shown.ends_with('@') ? "" : ",");
            url_.shown += is_ipv6 ? "[" + host + "]" : host;
            if (port != default_port)
                url_.shown += ":" + std::to_string(port);
        }
        url_.shown += "/" + url_.subject;
    }

    std::string_view text_;
    std::size_t end_of_authority_ = 0;
    std::size_t servers_at_ = 0;
    NatsUrl url_;
};

} // namespace

boost::system::result<NatsUrl, TemplateError> parse_nats_url(std::string_view text)
{
    return Reading(text).url();
}

} // namespace dialhook::config
