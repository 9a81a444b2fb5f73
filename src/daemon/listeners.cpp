#include "daemon/listeners.hpp"

namespace dialhook::daemon {
namespace {

std::string overruled_setting(const std::string& key, const std::string& used)
{
    return "server." + key + " is not used: systemd passed " + used +
           ", and ListenStream= of that socket unit says where it is";
}

std::string text_of(const boost::asio::ip::tcp::endpoint& endpoint)
{
    return endpoint.address().to_string() + " port " + std::to_string(endpoint.port());
}

} // namespace

UnixListener unix_listener(PassedSockets& passed, std::string_view name, const SocketFile& file)
{
    if (const auto descriptor = passed.take(name))
        return UnixListener(PassedSocket{*descriptor});
    return UnixListener(file);
}

std::optional<TcpListener> tcp_listener(PassedSockets& passed, std::string_view name,
                                        const std::optional<boost::asio::ip::tcp::endpoint>& configured)
{
    if (const auto descriptor = passed.take(name))
        return passed_listener(*descriptor);
    if (configured)
        return listen_on(*configured, "server." + std::string(name));
    return std::nullopt;
}

Listeners::Listeners(const config::ServerSettings& server, PassedSockets passed)
    : engine(unix_listener(passed, "engine", {server.socket, server.socket_mode, server.socket_group}))
    , control(unix_listener(passed, "control", {server.control, 0600, std::nullopt}))
    , fastagi(tcp_listener(passed, "fastagi", server.fastagi.listen))
    , http(tcp_listener(passed, "http", server.http.listen))
{
    if (server.engine_http.listen)
        engine_http = listen_on(*server.engine_http.listen, "server.engine_http.listen");
}

std::vector<std::string> Listeners::overruled(const config::ServerSettings& wanted) const
{
    std::vector<std::string> messages;
    if (engine.is_passed() && engine.path() != wanted.socket)
        messages.push_back(overruled_setting("socket", engine.path()));
    if (control.is_passed() && control.path() != wanted.control)
        messages.push_back(overruled_setting("control", control.path()));
    const auto compare = [&](const char* key, const std::optional<TcpListener>& listener, const auto& configured) {
        if (listener && listener->is_passed && configured && *configured != listener->address)
            messages.push_back(overruled_setting(key, text_of(listener->address)));
    };
    compare("fastagi", fastagi, wanted.fastagi.listen);
    compare("http", http, wanted.http.listen);
    return messages;
}

} // namespace dialhook::daemon
