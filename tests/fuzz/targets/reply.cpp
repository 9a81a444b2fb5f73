#include "fuzz/decision_property.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <dialhook/call/text.hpp>
#include <dialhook/webhook/percent.hpp>
#include <dialhook/webhook/reply.hpp>

#include <string>

namespace dialhook::fuzz {
namespace {

bool same(const Reply& left, const Reply& right)
{
    return left.status == right.status && left.destination == right.destination &&
           left.callername == right.callername && left.variables == right.variables;
}

void append_pair(std::string& out, std::string_view name, std::string_view value)
{
    if (value.empty())
        return;
    out.append("&").append(name).append("=");
    percent::append_encoded(out, value);
}

/// As a web server that does everything right would have sent it.
std::string written(const Reply& reply)
{
    std::string body = "status=" + std::string(to_string(reply.status));
    append_pair(body, "destination", reply.destination ? reply.destination->str() : std::string());
    std::string callername;
    for (const char byte : reply.callername)
        callername += byte == '&' ? "&amp;" : std::string(1, byte);
    append_pair(body, "callername", callername);
    for (const auto& [name, value] : reply.variables)
        append_pair(body, name, value);
    return body;
}

void require_within_limits(const Reply& reply)
{
    require(!reply.destination || reply.status == Status::ack, "only an ACK has a destination");
    require(text::first_code_points(reply.callername, Reply::max_callername) == reply.callername,
            "a callername is cut");
    require(reply.variables.size() <= Reply::max_variables, "there are not more variables than promised");
    for (const auto& [name, value] : reply.variables) {
        require(!value.empty(), "an empty variable is none");
        require(text::first_code_points(value, Reply::max_variable_value) == value, "a variable is cut");
    }
}

} // namespace

/// The body of a response.
void reply(std::string_view input)
{
    net::Response response;
    response.body = input;
    for (const int status : {200, 404, 503}) {
        response.status = status;
        require_sound_outcome(response);
    }

    const auto read = Reply::read(input);
    if (!read) {
        require(!to_string(read.error()).empty(), "a fault has a sentence");
        return;
    }
    require_within_limits(*read);
    const std::string rewritten = written(*read);
    if (rewritten.size() > Reply::max_body)
        return;
    const auto again = Reply::read(rewritten);
    require(again.has_value(), "what was read can be written and read again");
    require(same(*read, *again), "what was read stays the same");
    const auto with_blanks = Reply::read("\xEF\xBB\xBF\r\n " + rewritten + "\n");
    require(with_blanks.has_value() && same(*read, *with_blanks), "blanks and a byte-order mark change nothing");
}

} // namespace dialhook::fuzz
