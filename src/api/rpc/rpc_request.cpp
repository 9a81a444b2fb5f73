#include "api/rpc/rpc_request.hpp"

#include "api/rpc/event_request.hpp"
#include "api/rpc/mended_names.hpp"
#include "api/rpc/param.hpp"
#include "base/ascii.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"

namespace dialhook::rpc {
namespace {

/// A parameter that is true or false.
struct Switch
{
    bool is_on = false;
    bool is_no_bool = false;
};

/// The parameters that some method knows.
struct Params
{
    bool is_object = true;
    Param did;
    Param callerid;
    Param callername;
    Param call_id;
    Param presentation;
    Param webhook;
    Param traceparent;
    Param state;
    Param code;
    std::string_view vars; ///< as they stand in the line; empty: none
    std::string_view id;   ///< likewise
    Switch explain;
    Switch timeout;

    Param* named(std::string_view name)
    {
        using text::is;
        if (is(name, "did"))
            return &did;
        if (is(name, "callerid"))
            return &callerid;
        if (is(name, "callername"))
            return &callername;
        if (is(name, "call_id"))
            return &call_id;
        if (is(name, "presentation"))
            return &presentation;
        if (is(name, "webhook"))
            return &webhook;
        if (is(name, "traceparent"))
            return &traceparent;
        if (is(name, "state"))
            return &state;
        return is(name, "code") ? &code : nullptr;
    }
};

Switch read_switch(JsonReader& json)
{
    std::string_view raw;
    json.read_raw(raw);
    return {raw == "true", raw != "true" && raw != "false" && raw != "null"};
}

Params read_params(JsonReader& json)
{
    Params params;
    if (json.next() != JsonReader::Kind::object) {
        params.is_object = false;
        json.skip();
        return params;
    }
    json.enter();
    for (JsonString name; json.more_members(name);) {
        if (Param* const param = params.named(name.text))
            *param = read_param(json);
        else if (text::is(name.text, "explain"))
            params.explain = read_switch(json);
        else if (text::is(name.text, "timeout"))
            params.timeout = read_switch(json);
        else if (text::is(name.text, "vars"))
            json.read_raw(params.vars);
        else if (text::is(name.text, "id"))
            json.read_raw(params.id);
        else
            json.skip();
    }
    return params;
}

template <class Text>
std::optional<RequestFault> take_text(const Param& param, std::string_view name, Text& into)
{
    if (auto fault = fault_of(param, name); fault || param.form != Param::Form::text)
        return fault;
    if (param.text.size() > CallText::max_bytes || !into.assign(param.text))
        return invalid_params(std::string(name) + " must be at most " + std::to_string(CallText::max_bytes) + " bytes");
    return std::nullopt;
}

/// Takes the caller, which may be any text: what is too long is cut at a character, since no call is refused for it.
template <class Text>
std::optional<RequestFault> take_caller(const Param& param, std::string_view name, Text& into)
{
    if (auto fault = fault_of(param, name); fault || param.form != Param::Form::text)
        return fault;
    into.assign(text::first_bytes(param.text, CallText::max_bytes));
    return std::nullopt;
}

std::optional<RequestFault> take_presentation(const Param& param, Call& call)
{
    if (auto fault = fault_of(param, "presentation"); fault || param.form != Param::Form::text)
        return fault;
    if (param.text != "allowed" && param.text != "prohibited")
        return invalid_params("presentation must be allowed or prohibited");
    call.presentation = param.text == "allowed" ? Presentation::allowed : Presentation::prohibited;
    return std::nullopt;
}

/// One that is malformed is no fault of the call: a trace of its own begins, as W3C Trace Context asks.
std::optional<RequestFault> take_trace(const Param& param, Call& call)
{
    if (auto fault = fault_of(param, "traceparent"); fault || param.form != Param::Form::text)
        return fault;
    call.trace = Trace::from(param.text).value_or(Trace());
    return std::nullopt;
}

std::optional<RequestFault> take_webhook(const Param& param, RouteRequest& route)
{
    if (auto fault = fault_of(param, "webhook"); fault || param.form != Param::Form::text)
        return fault;
    route.webhook = param.text;
    return std::nullopt;
}

/// Says which request the fault is in, as far as that was read.
RequestFault with_request(RequestFault fault, const Params& params)
{
    using dispatch::Refused;
    const auto text_of = [](const Param& param) {
        return param.form == Param::Form::text ? Refused::cut(param.text) : std::string();
    };
    auto about = std::make_shared<Refused>();
    about->webhook = text_of(params.webhook);
    about->did = text_of(params.did);
    about->call_id = text_of(params.call_id);
    about->name = about->webhook.empty() ? about->did : about->webhook;
    if (!about->name.empty())
        about->named = about->webhook.empty() ? Refused::Named::did : Refused::Named::webhook;
    fault.about = std::move(about);
    return fault;
}

/// Filled in where it is returned, so with a single `return`: to move the texts of a call from place to place was a
/// tenth of a decision's CPU.
Asked route_to(Did did, const Params& params)
{
    Asked asked(RouteRequest{.call = {.did = std::move(did), .callerid = {}, .callername = {}, .call_id = {}},
                             .webhook = {},
                             .explain = params.explain.is_on});
    auto& route = std::get<RouteRequest>(asked);
    std::optional<RequestFault> fault = take_caller(params.callerid, "callerid", route.call.callerid);
    if (!fault)
        fault = take_caller(params.callername, "callername", route.call.callername);
    if (!fault)
        fault = take_text(params.call_id, "call_id", route.call.call_id);
    if (!fault)
        fault = take_presentation(params.presentation, route.call);
    if (!fault)
        fault = take_trace(params.traceparent, route.call);
    if (!fault)
        fault = take_webhook(params.webhook, route);
    if (!fault && !params.vars.empty())
        fault = take_vars(params.vars, route.call.vars);
    if (fault)
        asked = with_request(*std::move(fault), params);
    return asked;
}

Asked take_route(const Params& params)
{
    if (!params.is_object)
        return not_an_object();
    if (params.explain.is_no_bool)
        return with_request(invalid_params("explain must be true or false"), params);
    if (auto fault = fault_of(params.did, "did"))
        return with_request(*std::move(fault), params);
    auto did = Did::from(params.did.text);
    if (!did)
        return with_request(invalid_params("did must be the number that was called, 1 to 256 bytes"), params);
    return route_to(*std::move(did), params);
}

Asked take_continue(const Params& params)
{
    if (!params.is_object)
        return not_an_object();
    if (params.state.form != Param::Form::text)
        return invalid_params("state must be the string of the last answer");
    if (params.timeout.is_no_bool)
        return invalid_params("timeout must be true or false");
    if (auto fault = fault_of(params.code, "code"))
        return *std::move(fault);
    ContinueRequest answer{.state = std::string(params.state.text), .code = {}, .timeout = params.timeout.is_on};
    if (params.code.form == Param::Form::text)
        answer.code = params.code.text;
    return answer;
}

Asked take_cancel(const Params& params)
{
    if (!params.is_object)
        return not_an_object();
    const char first = params.id.empty() ? '\0' : params.id.front();
    if (first != '"' && first != '-' && !ascii::is_digit(first))
        return invalid_params("id must be that of a call under way on this connection, a string or a number");
    return CancelRequest{std::string(params.id)};
}

RequestFault no_method(std::string_view name)
{
    auto about = std::make_shared<dispatch::Refused>();
    about->named = dispatch::Refused::Named::method;
    about->name = dispatch::Refused::cut(name);
    return {RpcError::method_not_found,
            "unknown method; there are call.route, call.continue, call.cancel and call.event", std::move(about)};
}

/// Returns a request that is so wrong that it cannot be a notification.
RpcRequest invalid_request(std::string_view id, std::string message)
{
    return {id.empty() ? "null" : std::string(id), RequestFault{RpcError::invalid_request, std::move(message)}};
}

/// Returns an empty text if the value is no string.
JsonString read_string_or_empty(JsonReader& json)
{
    JsonString value;
    if (json.next() == JsonReader::Kind::string)
        json.read_string(value);
    else
        json.skip();
    return value;
}

RpcRequest read_request(JsonReader& json)
{
    if (json.next() != JsonReader::Kind::object) {
        json.skip();
        return invalid_request({}, "a request is an object");
    }
    JsonString version;
    std::string_view id;
    bool id_is_allowed = true;
    std::optional<JsonString> method;
    Params params;
    std::string_view raw_params;

    json.enter();
    for (JsonString name; json.more_members(name);) {
        if (text::is(name.text, "jsonrpc")) {
            version = read_string_or_empty(json);
        } else if (text::is(name.text, "id")) {
            const JsonReader::Kind kind = json.next();
            json.read_raw(id);
            id_is_allowed = kind == JsonReader::Kind::string || kind == JsonReader::Kind::number || id == "null";
        } else if (text::is(name.text, "method")) {
            method.reset();
            if (json.next() == JsonReader::Kind::string)
                json.read_string(method.emplace());
            else
                json.skip();
        } else if (text::is(name.text, "params")) {
            const std::size_t begin = json.position();
            params = read_params(json);
            if (!json.failed())
                raw_params = json.text_since(begin);
        } else {
            json.skip();
        }
    }
    if (!id_is_allowed)
        return invalid_request({}, "id must be a string, a number or null");
    if (!text::is(version.text, "2.0"))
        return invalid_request(id, "jsonrpc must be \"2.0\"");
    if (!method)
        return invalid_request(id, "method must be a string");
    if (text::is(method->text, "call.route"))
        return {std::string(id), take_route(params)};
    if (method->text == "call.continue")
        return {std::string(id), take_continue(params)};
    if (method->text == "call.event")
        return {std::string(id), read_event(raw_params)};
    if (method->text == "call.cancel")
        return {std::string(id), take_cancel(params)};
    return {std::string(id), no_method(method->text)};
}

/// Reads a request right into the place that is made for it: to move its texts there costs more than to read one of
/// them.
struct ReadInPlace
{
    JsonReader& json;

    operator RpcRequest() const { return read_request(json); } // NOLINT(google-explicit-constructor): what it is for
};

Line faulty_line(RpcError code, std::string message)
{
    Line line;
    line.fault = RequestFault{code, std::move(message)};
    return line;
}

Line parse_error()
{
    return faulty_line(RpcError::parse_error, "the line is not JSON in UTF-8");
}

/// Has `text` be UTF-8, if names of callers alone are none: in `mended` then. Returns false if it cannot be.
bool mend(std::string_view& text, std::string& mended)
{
    if (text::is_utf8(text))
        return true;
    mended = with_mended_names(text);
    text = mended;
    return text::is_utf8(text);
}

Line read_batch(JsonReader& json)
{
    Line line;
    line.is_batch = true;
    json.enter();
    while (json.more_elements()) {
        if (line.requests.size() < Line::max_batch)
            line.requests.emplace_back(ReadInPlace{json});
        else if (json.skip())
            line.fault = RequestFault{RpcError::invalid_request, "a batch holds at most 256 requests"};
    }
    if (line.requests.empty())
        line.fault = RequestFault{RpcError::invalid_request, "a batch holds at least one request"};
    return line;
}

} // namespace

Asked read_params(RpcMethod method, std::string_view text)
{
    const RequestFault no_json{RpcError::parse_error, "the body is not JSON in UTF-8"};
    std::string mended;
    if (!mend(text, mended))
        return no_json;
    JsonReader json(text);
    const Params params = read_params(json);
    if (json.failed() || !json.at_end())
        return no_json;
    switch (method) {
    case RpcMethod::route:
        return take_route(params);
    case RpcMethod::go_on:
        return take_continue(params);
    case RpcMethod::event:
        break;
    }
    return read_event(text);
}

Line read_line(std::string_view text)
{
    std::string mended;
    if (!mend(text, mended))
        return parse_error();
    JsonReader json(text);
    Line line;
    if (json.next() == JsonReader::Kind::array)
        line = read_batch(json);
    else
        line.requests.emplace_back(ReadInPlace{json});
    if (json.failed() || !json.at_end())
        return parse_error();
    return line;
}

} // namespace dialhook::rpc
