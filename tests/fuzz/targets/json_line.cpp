#include "api/rpc/answer.hpp"
#include "api/rpc/mended_names.hpp"
#include "api/rpc/rpc_request.hpp"
#include "base/text.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"
#include "unit/api/rpc/json_comparison.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <variant>

namespace dialhook::fuzz {
namespace {

void require_json(std::string_view text, std::string_view what)
{
    require(rpc::difference_to_nlohmann(std::string(text)).empty(), "both readers agree on an answer");
    require(nlohmann::json::accept(text), what);
}

/// An id is handed back as it came: one that nlohmann/json cannot hold (1e400, a lone surrogate) is not judged by it.
void require_answerable(const rpc::RpcRequest& request)
{
    if (const auto* const report = std::get_if<rpc::EventReport>(&request.asks)) {
        require(*report != nullptr, "an event is there");
        require((*report)->facts.targets.size() <= events::max_targets, "only so many telephones ring");
        require((*report)->facts.vars.size() <= max_call_vars, "only so much is sent along");
    }
    if (request.id.empty())
        return;
    require(request.id.find('\n') == std::string::npos, "an id is on one line");
    if (const auto* const fault = std::get_if<rpc::RequestFault>(&request.asks)) {
        std::string answer;
        rpc::append_error(answer, nlohmann::json::accept(request.id) ? request.id : "null", *fault);
        require_json(answer, "an error is JSON");
    }
}

} // namespace

/// One line of an engine.
void json_line(std::string_view input)
{
    const std::string difference = rpc::difference_to_nlohmann(std::string(input));
    require(difference.empty(), difference);

    const rpc::Line line = rpc::read_line(input);
    const bool is_parse_error = line.fault && line.fault->code == RpcError::parse_error;
    const std::string mended = text::is_utf8(input) ? std::string(input) : rpc::with_mended_names(input);
    require(is_parse_error == !rpc::expected_of(mended).is_json, "what is no JSON is a parse error");
    if (line.fault)
        return;
    require(!line.requests.empty(), "a line without a fault asks for something");
    require(line.is_batch || line.requests.size() == 1, "only a batch asks for more than one thing");
    for (const rpc::RpcRequest& request : line.requests)
        require_answerable(request);
}

} // namespace dialhook::fuzz
