#include "api/engine_http/answer.hpp"

#include "api/engine_http/form.hpp"
#include "api/rpc/answer.hpp"

#include <array>
#include <string_view>

namespace dialhook::engine_http {
namespace {

constexpr unsigned ok = 200;

/// The first line of an answer, and the header lines that belong to its status.
struct StatusLines
{
    unsigned status;
    std::string_view lines;
};

constexpr std::array<StatusLines, 11> status_lines{
    {{ok, "HTTP/1.1 200 OK\r\n"},
     {400, "HTTP/1.1 400 Bad Request\r\n"},
     {401, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"dialhook\"\r\n"},
     {403, "HTTP/1.1 403 Forbidden\r\n"},
     {404, "HTTP/1.1 404 Not Found\r\n"},
     {405, "HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\n"},
     {409, "HTTP/1.1 409 Conflict\r\n"},
     {413, "HTTP/1.1 413 Content Too Large\r\n"},
     {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
     {503, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"},
     {500, "HTTP/1.1 500 Internal Server Error\r\n"}}};

std::string_view lines_of(unsigned status)
{
    for (const StatusLines& one : status_lines)
        if (one.status == status)
            return one.lines;
    return status_lines.back().lines;
}

} // namespace

HttpAnswer answer_of(const flow::CallFlow& flow)
{
    HttpAnswer answer{ok, {}};
    rpc::append_result(answer.json, flow);
    return answer;
}

HttpAnswer stored_answer()
{
    return {ok, R"({"stored":true})"};
}

HttpAnswer answer_of(const HttpRefusal& refusal)
{
    HttpAnswer answer{refusal.status, {}};
    rpc::append_error_object(answer.json, refusal.fault);
    return answer;
}

std::string http_text(const HttpAnswer& answer, AnswerForm form)
{
    const std::string flat = form.is_form ? form_of(answer.json) : std::string();
    const std::string_view body = form.is_form ? flat : answer.json;
    std::string text(lines_of(answer.status));
    text += form.is_form ? "Content-Type: application/x-www-form-urlencoded\r\n" : "Content-Type: application/json\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\nCache-Control: no-store\r\n";
    text += form.stays ? "\r\n" : "Connection: close\r\n\r\n";
    if (form.has_body)
        text += body;
    return text;
}

} // namespace dialhook::engine_http
