#include "api/engine_http/bearer.hpp"
#include "api/engine_http/form.hpp"
#include "api/engine_http/request.hpp"
#include "api/engine_http/request_reader.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace dialhook::fuzz {
namespace {

using engine_http::RequestReader;

/// Feeds `input` in pieces of `size` bytes.
void feed(RequestReader& reader, std::string_view input, std::size_t size)
{
    while (!input.empty()) {
        const std::string_view piece = input.substr(0, size);
        input.remove_prefix(piece.size());
        reader.feed(piece);
        reader.must_say_continue();
    }
}

/// Requires that a client who never ends what it began fills no memory.
void require_limit(std::string_view input)
{
    RequestReader reader;
    reader.feed(input);
    for (int piece = 0; piece < 4 && !input.empty(); ++piece)
        reader.feed(std::string(RequestReader::max_head - 1, input.back()));
    require(reader.held() <= RequestReader::max_head, "what is not understood yet has a limit");
}

void require_form(std::string_view json)
{
    const std::string form = engine_http::form_of(json);
    require(std::ranges::all_of(form, [](char byte) { return byte > ' ' && byte <= '~'; }),
            "a form has nothing that is not encoded");
}

void require_request(const engine_http::Request& request)
{
    require(request.body.size() <= RequestReader::max_body, "a body has a limit");
    require(!engine_http::is_bearer_of(request.authorization, {"the token that no corpus has"}),
            "no request has the token");
    const auto asked = engine_http::read_asked(request);
    if (!asked)
        require(asked.error().status >= 400 && !asked.error().fault.message.empty(), "a refusal says why");
    if (nlohmann::json::accept(request.body))
        require_form(request.body);
}

} // namespace

/// What a client sends to the door for engines over HTTP.
void engine_http(std::string_view input)
{
    RequestReader whole;
    RequestReader pieces;
    feed(whole, input, std::max<std::size_t>(input.size(), 1));
    feed(pieces, input, 1);
    require_limit(input);
    // Of a line that is not whole Beast may refuse at once what it refuses later when it comes byte by byte.
    if (whole.state() == RequestReader::State::refused && pieces.state() == RequestReader::State::more)
        return;
    require(whole.state() == pieces.state(), "it does not matter how the bytes come");
    require(whole.is_pipelined() == pieces.is_pipelined() || whole.state() == RequestReader::State::refused,
            "what comes after a request is noticed");
    if (whole.state() == RequestReader::State::refused) {
        require(whole.refusal().status == pieces.refusal().status, "a refusal is the same one");
    } else if (whole.state() == RequestReader::State::whole) {
        const engine_http::Request request = whole.take();
        require(request.body == pieces.take().body, "the body is the same one");
        require_request(request);
    }
}

} // namespace dialhook::fuzz
