#pragma once

#include "api/engine_http/request.hpp"
#include "flow/call_flow.hpp"

#include <string>

namespace dialhook::engine_http {

/// An answer before it is written.
struct HttpAnswer
{
    unsigned status = 0;
    std::string json; ///< an object
};

HttpAnswer answer_of(const flow::CallFlow& flow);
HttpAnswer stored_answer();
HttpAnswer answer_of(const HttpRefusal& refusal);

/// How an answer is written.
struct AnswerForm
{
    bool is_form = false;
    bool has_body = true; ///< false: to HEAD
    bool stays = true;    ///< the connection is kept
};

/// Returns the whole answer as it goes over the connection. Pure.
std::string http_text(const HttpAnswer& answer, AnswerForm form);

} // namespace dialhook::engine_http
