#pragma once

#include "api/engine_http/request.hpp"
#include "flow/call_flow.hpp"

#include <string>

namespace dialhook::engine_http {

/// An answer before it is written.
struct Answer
{
    unsigned status = 0;
    std::string json; ///< an object
};

Answer answer_of(const flow::CallFlow& flow);
Answer stored_answer();
Answer answer_of(const Refusal& refusal);

/// How an answer is written.
struct AnswerForm
{
    bool is_form = false;
    bool has_body = true; ///< false: to HEAD
    bool stays = true;    ///< the connection is kept
};

/// Returns the whole answer as it goes over the connection. Pure.
std::string http_text(const Answer& answer, AnswerForm form);

} // namespace dialhook::engine_http
