#include "webhook/reply.hpp"

#include "base/percent.hpp"
#include "fuzz/decision_property.hpp"
#include "fuzz/reply_property.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <string>

namespace dialhook::fuzz {
namespace {

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
    if (reply.ringing && reply.ringing->ring)
        append_pair(body, "ring", std::to_string(reply.ringing->ring->count()));
    for (const auto& [name, value] : reply.variables)
        append_pair(body, name, value);
    return body;
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

    ReplyOptions of_forms = ReplyOptions::standard();
    of_forms.format = ReplyFormat::form;
    const auto read = Reply::read(input, {}, of_forms);
    if (!read) {
        require(!to_string(read.error()).empty(), "a fault has a sentence");
        return;
    }
    require_within_limits(*read);
    const std::string rewritten = written(*read);
    if (rewritten.size() > Reply::max_body)
        return;
    const auto again = Reply::read(rewritten, {}, of_forms);
    require(again.has_value(), "what was read can be written and read again");
    require(same(*read, *again), "what was read stays the same");
    const auto with_blanks = Reply::read("\xEF\xBB\xBF\r\n " + rewritten + "\n", {}, of_forms);
    require(with_blanks.has_value() && same(*read, *with_blanks), "blanks and a byte-order mark change nothing");
}

} // namespace dialhook::fuzz
