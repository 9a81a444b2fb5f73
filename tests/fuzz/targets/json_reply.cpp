#include "fuzz/decision_property.hpp"
#include "fuzz/reply_property.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"
#include "webhook/reply.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace dialhook::fuzz {
namespace {

using nlohmann::ordered_json;

ReplyOptions as_it_stands()
{
    ReplyOptions options = ReplyOptions::standard().with_destinations(3);
    options.format = ReplyFormat::json;
    return options;
}

/// As a webhook whose service knows nothing of calls.
ReplyOptions by_pointers()
{
    const auto pointer = [](ReplyField field, std::vector<std::string> tokens, const char* variable = "") {
        return ReplyTarget{.field = field, .variable = variable, .key = {}, .pointer = std::move(tokens)};
    };
    return {.format = ReplyFormat::json,
            .has_own_keys = true,
            .has_own_variables = true,
            .points_into_a_list = true,
            .targets = {pointer(ReplyField::status, {"found"}), pointer(ReplyField::destination, {"contact", "phones"}),
                        pointer(ReplyField::callername, {"0", "a/b~c"}),
                        pointer(ReplyField::variable, {"contact", "phones", "1"}, "second")}};
}

/// As a web server that does everything right would have sent it.
std::string written(const Reply& reply)
{
    ordered_json destination = ordered_json::array();
    if (reply.ringing)
        for (const Destination& one : reply.ringing->destinations)
            destination.push_back(one.str());
    else if (reply.destination)
        destination.push_back(reply.destination->str());
    std::string callername;
    for (const char byte : reply.callername)
        callername += byte == '&' ? "&amp;" : std::string(1, byte);
    ordered_json body{{"status", to_string(reply.status)}, {"destination", destination}, {"callername", callername}};
    for (const auto& [name, value] : reply.variables)
        body["variables"][name] = value;
    if (reply.ringing) {
        body["strategy"] = to_string(reply.ringing->strategy);
        if (reply.ringing->ring)
            body["ring"] = reply.ringing->ring->count();
    }
    return body.dump();
}

void require_sound(std::string_view input, const ReplyOptions& options)
{
    net::Response response;
    response.body = input;
    for (const int status : {200, 404}) {
        response.status = status;
        require_sound_outcome(response, options);
    }
    ReplyReading reading;
    const auto read = Reply::read(input, {}, options, &reading);
    const auto unobserved = Reply::read(input, {}, options);
    require(read.has_value() == unobserved.has_value(), "whoever looks on changes nothing");
    if (!read)
        return require_sentence(read.error());
    require(same(*read, *unobserved), "whoever looks on changes nothing of the values");
    require_within_limits(*read);
}

} // namespace

/// The body of a response that is JSON.
void json_reply(std::string_view input)
{
    static const ReplyOptions standard = as_it_stands();
    static const ReplyOptions mapped = by_pointers();
    require_sound(input, standard);
    require_sound(input, mapped);
    require_sound(input, ReplyOptions::standard());

    const auto read = Reply::read(input, {}, standard);
    if (!read)
        return;
    const std::string rewritten = written(*read);
    if (rewritten.size() > Reply::max_body)
        return;
    const auto again = Reply::read(rewritten, {}, standard);
    require(again.has_value(), "what was read can be written and read again");
    require(same(*read, *again), "what was read stays the same");
}

} // namespace dialhook::fuzz
