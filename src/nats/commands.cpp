#include "nats/commands.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "nats/server_message.hpp"
#include "version.hpp"

namespace dialhook::nats {
namespace {

constexpr std::string_view header_start = "NATS/1.0\r\nNats-Msg-Id: ";

void append_member(std::string& out, std::string_view name, const std::string& value)
{
    if (value.empty())
        return;
    out += ",\"";
    out += name;
    out += "\":";
    append_json_string(out, text::utf8_or_windows_1252(value));
}

std::size_t header_size(const Publication& publication)
{
    return header_start.size() + publication.message_id.size() + line_end.size() + publication.headers.size() +
           line_end.size();
}

} // namespace

void append_connect(std::string& out, const Login& login)
{
    out += R"(CONNECT {"verbose":false,"pedantic":false,"protocol":1,"headers":true,"no_responders":true)";
    out += R"(,"name":"dialhook","lang":"c++","version":")";
    out += version;
    out += '"';
    append_member(out, "user", login.user);
    append_member(out, "pass", login.password);
    append_member(out, "auth_token", login.token);
    out += "}\r\n";
}

void append_subscribe(std::string& out, std::string_view subject, std::uint64_t subscription)
{
    out += "SUB ";
    out += subject;
    out += ' ';
    out += std::to_string(subscription);
    out += "\r\n";
}

void append_publish(std::string& out, const Publication& publication, std::string_view reply_to)
{
    out += "HPUB ";
    out += publication.subject;
    out += ' ';
    out += reply_to;
    out += ' ';
    out += std::to_string(header_size(publication));
    out += ' ';
    out += std::to_string(payload_size(publication));
    out += "\r\n";
    out += header_start;
    out += publication.message_id;
    out += line_end;
    out += publication.headers;
    out += line_end;
    out += publication.body;
    out += line_end;
}

std::size_t payload_size(const Publication& publication)
{
    return header_size(publication) + publication.body.size();
}

} // namespace dialhook::nats
