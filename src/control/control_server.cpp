#include <dialhook/control/control_server.hpp>
#include <dialhook/net/gate.hpp>
#include <dialhook/net/peer.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <memory>
#include <optional>

namespace dialhook::control {
namespace {

using nlohmann::json;

constexpr std::size_t max_line = 65536;
constexpr int refused_configuration = -32010;
constexpr int no_dialplan = -32002;

std::string line_of(const json& message)
{
    return message.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string result_line(const json& id, json result)
{
    return line_of({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

std::string error_line(const json& id, int code, std::string_view message, json data = nullptr)
{
    json error{{"code", code}, {"message", message}};
    if (!data.is_null())
        error["data"] = std::move(data);
    return line_of({{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}});
}

std::string reload_line(const json& id, const ReloadOutcome& outcome)
{
    if (outcome.applied)
        return result_line(id, {{"messages", outcome.messages}});
    return error_line(id, refused_configuration, "the configuration was refused; the old one stays in use",
                      {{"errors", outcome.messages}});
}

std::string plan_line(const json& id, const json& params,
                      const std::function<std::optional<std::string>(const std::string&)>& plan_of)
{
    if (!params.is_object() || !params.contains("did") || !params["did"].is_string())
        return error_line(id, -32602, "did must be the number that is called");
    const auto plan = plan_of(params["did"].get_ref<const std::string&>());
    if (!plan)
        return error_line(id, no_dialplan, "there is no dialplan for this number");
    return result_line(id, json::parse(*plan));
}

std::string answer_line(const json& id, const Answer& answer)
{
    if (answer.error != 0)
        return error_line(id, answer.error, answer.message);
    return R"({"jsonrpc":"2.0","id":)" + id.dump() + R"(,"result":)" + answer.result + "}\n";
}

/// What comes later, maybe when the connection that asked is gone: it is kept apart.
template <class Outcome>
struct Pending
{
    net::Gate gate;
    Outcome outcome;

    void come(Outcome arrived)
    {
        outcome = std::move(arrived);
        gate.open();
    }
};

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
        co_return error_line(nullptr, -32700, "the line is not JSON");
    if (!request.is_object() || !request.contains("method") || !request["method"].is_string())
        co_return error_line(nullptr, -32600, "a request is an object with a method");

    const json id = request.value("id", json());
    const std::string& method = request["method"].get_ref<const std::string&>();
    if (method == "status")
        co_return result_line(id, json::parse(actions_.status()));
    if (method == "webhooks")
        co_return result_line(id, json::parse(actions_.webhooks()));
    if (method == "plan")
        co_return plan_line(id, request.value("params", json()), actions_.plan);
    if (method == "reload")
        co_return reload_line(id, co_await reload());
    if (method == "try")
        co_return answer_line(id, co_await try_out(request.value("params", json()).dump()));
    co_return error_line(id, -32601, "there is no such method; there are status, webhooks, plan, reload and try");
}

net::Awaitable<ReloadOutcome> ControlServer::reload()
{
    const auto pending = std::make_shared<Pending<ReloadOutcome>>();
    actions_.reload([pending](ReloadOutcome outcome) { pending->come(std::move(outcome)); });
    co_await pending->gate.wait();
    co_return std::move(pending->outcome);
}

net::Awaitable<Answer> ControlServer::try_out(std::string params)
{
    const auto pending = std::make_shared<Pending<Answer>>();
    actions_.try_out(params, [pending](Answer answer) { pending->come(std::move(answer)); });
    co_await pending->gate.wait();
    co_return std::move(pending->outcome);
}

} // namespace dialhook::control
