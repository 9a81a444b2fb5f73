#include "fuzz/decision_property.hpp"
#include "fuzz/reply_property.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"
#include "webhook/reply.hpp"

namespace dialhook::fuzz {

/// The body of a response that is a name.
void text_reply(std::string_view input)
{
    static const ReplyOptions options = [] {
        ReplyOptions of_text = ReplyOptions::standard();
        of_text.format = ReplyFormat::text;
        return of_text;
    }();
    net::Response response;
    response.body = input;
    for (const int status : {200, 204, 404, 500}) {
        response.status = status;
        require_sound_outcome(response, options);
    }
    const auto read = Reply::read(input, {}, options);
    if (!read)
        return require_sentence(read.error());
    require_within_limits(*read);
    require((read->status == Status::ack) == !read->callername.empty(), "a name is a yes, and nothing else is");
    require(!read->destination && read->variables.empty(), "there is nothing but a name in it");
}

} // namespace dialhook::fuzz
