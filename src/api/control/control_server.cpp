#include "api/control/control_server.hpp"

#include "base/text.hpp"
#include "call/rpc_error.hpp"
#include "net/loop/event.hpp"
#include "net/transport/peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace dialhook::control {
namespace {

using nlohmann::json;

constexpr std::size_t max_line = 65536;

std::string line_of(const json& message)
{
    return message.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string result_line(const json& id, json result)
{
    return line_of({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

std::string error_line(const json& id, RpcError code, std::string_view message, json data = nullptr)
{
    json error{{"code", number_of(code)}, {"message", message}};
    if (!data.is_null())
        error["data"] = std::move(data);
    return line_of({{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}});
}

std::string reload_line(const json& id, const ReloadOutcome& outcome)
{
    if (outcome.applied)
        return result_line(id, {{"messages", outcome.messages}});
    return error_line(id, RpcError::refused_configuration, "the configuration was refused; the old one stays in use",
                      {{"errors", outcome.messages}});
}

std::string check_line(const json& id, const CheckOutcome& outcome)
{
    if (!outcome.has_faults)
        return result_line(id, {{"file", outcome.file},
                                {"webhooks", outcome.webhooks},
                                {"dialplans", outcome.dialplans},
                                {"summary", outcome.summary},
                                {"warnings", outcome.warnings}});
    return error_line(id, RpcError::refused_configuration, outcome.file + ": " + outcome.summary,
                      {{"errors", outcome.faults}, {"warnings", outcome.warnings}});
}

json names_json(const config::NamedChanges& changes)
{
    return {{"added", changes.added}, {"changed", changes.changed}, {"removed", changes.removed}};
}

std::string rehearsal_line(const json& id, const RehearsalOutcome& outcome)
{
    if (outcome.found.has_faults)
        return check_line(id, outcome.found);
    return result_line(id, {{"file", outcome.found.file},
                            {"webhooks", names_json(outcome.changes.webhooks)},
                            {"dialplans", names_json(outcome.changes.dialplans)},
                            {"notifications", names_json(outcome.changes.notifications)},
                            {"settings", outcome.changes.settings},
                            {"messages", outcome.found.warnings}});
}

constexpr std::size_t max_path = 4096;

/// Returns whether `params` name the file as the daemon understands it: by a path from the root, or not at all.
bool names_a_file_or_none(const json& params)
{
    if (params.is_null())
        return true;
    if (!params.is_object())
        return false;
    const auto file = params.find("file");
    if (file == params.end())
        return true;
    if (!file->is_string())
        return false;
    const auto& path = file->get_ref<const std::string&>();
    return path.starts_with('/') && path.size() < max_path && !text::has_controls(path);
}

std::string plan_line(const json& id, const json& params,
                      const std::function<std::optional<std::string>(const std::string&)>& plan_of)
{
    if (!params.is_object() || !params.contains("did") || !params["did"].is_string())
        return error_line(id, RpcError::invalid_params, "did must be the number that is called");
    const auto plan = plan_of(params["did"].get_ref<const std::string&>());
    if (!plan)
        return error_line(id, RpcError::no_dialplan, "there is no dialplan for this number");
    return result_line(id, json::parse(*plan));
}

constexpr std::size_t max_asked_for = 1000;

/// Returns how many of something are wanted; nullopt for a wrong value.
std::optional<std::size_t> limit_of(const json& params)
{
    if (params.is_null())
        return max_asked_for;
    if (!params.is_object())
        return std::nullopt;
    const auto limit = params.find("limit");
    if (limit == params.end())
        return max_asked_for;
    if (!limit->is_number_unsigned() || limit->get<std::uint64_t>() > max_asked_for)
        return std::nullopt;
    return limit->get<std::size_t>();
}

std::string bad_limit(const json& id)
{
    return error_line(id, RpcError::invalid_params, "limit must be a number from 0 to 1000, in an object");
}

bool is_cursor(const json& value)
{
    constexpr std::size_t max_threads = 256;
    return value.is_array() && value.size() <= max_threads &&
           std::all_of(value.begin(), value.end(), [](const json& number) { return number.is_number_unsigned(); });
}

/// A result that is JSON text already is not read again: it may be long.
std::string result_line_of_text(const json& id, const std::string& result)
{
    return R"({"jsonrpc":"2.0","id":)" + id.dump(-1, ' ', false, json::error_handler_t::replace) + R"(,"result":)" +
           result + "}\n";
}

std::string answer_line(const json& id, const ControlAnswer& answer)
{
    return answer.error != 0 ? error_line(id, static_cast<RpcError>(answer.error), answer.message)
                             : result_line_of_text(id, answer.result);
}

} // namespace

void ControlServer::adopt(net::UnixSocket socket)
{
    const auto peer = net::peer_of(socket);
    if (!peer || (peer->user != 0 && peer->user != ::geteuid())) {
        log_.write(log::Level::warning,
                   "control connection refused: only root and the daemon's own user may control it",
                   {{"uid", peer ? static_cast<std::int64_t>(peer->user) : -1}});
        return;
    }
    net::asio::co_spawn(context_.get_executor(), serve(std::move(socket)), net::asio::detached);
}

net::Awaitable<void> ControlServer::serve(net::UnixSocket socket)
{
    std::string input;
    while (true) {
        const auto [error, size] = co_await net::asio::async_read_until(
            socket, net::asio::dynamic_buffer(input, max_line), '\n', net::as_result);
        if (error)
            co_return;
        const std::string output = co_await answer(input.substr(0, size));
        input.erase(0, size);
        const auto [write_error, written] =
            co_await net::asio::async_write(socket, net::asio::buffer(output), net::as_result);
        if (write_error)
            co_return;
    }
}

net::Awaitable<std::string> ControlServer::answer(std::string line)
{
    const json request = json::parse(line, nullptr, false);
    if (request.is_discarded())
        co_return error_line(nullptr, RpcError::parse_error, "the line is not JSON");
    if (!request.is_object() || !request.contains("method") || !request["method"].is_string())
        co_return error_line(nullptr, RpcError::invalid_request, "a request is an object with a method");

    const json id = request.value("id", json());
    const std::string& method = request["method"].get_ref<const std::string&>();
    if (method == "status")
        co_return result_line(id, json::parse(actions_.status()));
    if (method == "webhooks")
        co_return webhooks(id, request.value("params", json()));
    if (method == "notifications")
        co_return result_line_of_text(id, actions_.notifications());
    if (method == "plan")
        co_return plan_line(id, request.value("params", json()), actions_.plan);
    const json params = request.value("params", json());
    if (method == "top")
        co_return co_await top(id, params);
    if (method == "decisions")
        co_return co_await decisions(id, params);
    if (method == "reload")
        co_return co_await reload(id);
    if (method == "rehearse_reload")
        co_return co_await rehearse_reload(id);
    if (method == "check")
        co_return co_await check(id, params);
    if (const Actions::Asked* const action = asked_for(method))
        co_return co_await ask(*action, id, params);
    co_return error_line(
        id, RpcError::method_not_found,
        "unknown method; there are status, webhooks, plan, reload, rehearse_reload, check, try, top, decisions, "
        "notifications, deliveries, replay and test");
}

/// Returns null if there is none of this name.
const Actions::Asked* ControlServer::asked_for(std::string_view method) const
{
    const std::array<std::pair<std::string_view, const Actions::Asked*>, 4> actions{
        {{"try", &actions_.dry_run},
         {"deliveries", &actions_.deliveries},
         {"replay", &actions_.replay},
         {"test", &actions_.test}}};
    const auto* const found =
        std::ranges::find(actions, method, &std::pair<std::string_view, const Actions::Asked*>::first);
    return found == actions.end() ? nullptr : found->second;
}

/// What is answered later may come when this connection is gone: it is kept apart.
template <class Result>
struct ControlServer::Pending
{
    net::Event event;
    Result result;

    static auto taker(const std::shared_ptr<Pending>& pending)
    {
        return [pending](Result came) {
            pending->result = std::move(came);
            pending->event.set();
        };
    }
};

net::Awaitable<std::string> ControlServer::reload(const json& id)
{
    const auto pending = std::make_shared<Pending<ReloadOutcome>>();
    actions_.reload(pending->taker(pending));
    co_await pending->event.wait();
    co_return reload_line(id, pending->result);
}

std::string ControlServer::webhooks(const json& id, const json& params) const
{
    constexpr std::size_t max_pattern = 256;
    std::optional<std::string> pattern;
    if (params.is_object() && params.contains("match")) {
        const json& match = params["match"];
        if (!match.is_string() || match.get_ref<const std::string&>().size() > max_pattern)
            return error_line(id, RpcError::invalid_params, "match must be a text of at most 256 bytes");
        pattern = match.get<std::string>();
    }
    return result_line_of_text(id, actions_.webhooks(pattern));
}

net::Awaitable<std::string> ControlServer::rehearse_reload(const json& id)
{
    const auto pending = std::make_shared<Pending<RehearsalOutcome>>();
    actions_.rehearse_reload(pending->taker(pending));
    co_await pending->event.wait();
    co_return rehearsal_line(id, pending->result);
}

net::Awaitable<std::string> ControlServer::check(const json& id, const json& params)
{
    if (!names_a_file_or_none(params))
        co_return error_line(id, RpcError::invalid_params,
                             "file must be the absolute path of a configuration, in an object");
    std::optional<std::string> file;
    if (params.is_object() && params.contains("file"))
        file = params["file"].get<std::string>();
    const auto pending = std::make_shared<Pending<CheckOutcome>>();
    actions_.check(std::move(file), pending->taker(pending));
    co_await pending->event.wait();
    co_return check_line(id, pending->result);
}

net::Awaitable<std::string> ControlServer::top(const json& id, const json& params)
{
    const auto limit = limit_of(params);
    if (!limit)
        co_return bad_limit(id);
    const auto pending = std::make_shared<Pending<std::string>>();
    actions_.top(*limit, pending->taker(pending));
    co_await pending->event.wait();
    co_return result_line_of_text(id, pending->result);
}

net::Awaitable<std::string> ControlServer::decisions(const json& id, const json& params)
{
    const auto limit = limit_of(params);
    if (!limit)
        co_return bad_limit(id);
    DecisionsWanted wanted;
    wanted.limit = *limit;
    const auto cursor = params.find("cursor");
    const auto webhook = params.find("webhook");
    const bool is_known = webhook == params.end() || webhook->is_string();
    const bool has_cursor = cursor != params.end();
    if (!is_known || (has_cursor && !is_cursor(*cursor)))
        co_return error_line(id, RpcError::invalid_params, "webhook must be a text, and cursor what an answer gave");
    if (has_cursor)
        wanted.cursor = cursor->get<std::vector<std::uint64_t>>();
    if (webhook != params.end())
        wanted.webhook = webhook->get<std::string>();
    const auto pending = std::make_shared<Pending<std::string>>();
    actions_.decisions(std::move(wanted), pending->taker(pending));
    co_await pending->event.wait();
    co_return result_line_of_text(id, pending->result);
}

net::Awaitable<std::string> ControlServer::ask(const Actions::Asked& action, const json& id, const json& params)
{
    const auto pending = std::make_shared<Pending<ControlAnswer>>();
    action(params.dump(), pending->taker(pending));
    co_await pending->event.wait();
    co_return answer_line(id, pending->result);
}

} // namespace dialhook::control
