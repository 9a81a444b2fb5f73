#include "fuzz/client_connection.hpp"
#include "fuzz/decision_property.hpp"
#include "fuzz/require.hpp"
#include "fuzz/targets.hpp"

#include <string>

namespace dialhook::fuzz {
namespace {

net::Awaitable<void> ask(ClientConnection& client, std::optional<Outcome>& outcome)
{
    outcome = co_await client.ask();
}

/// The web server sends `bytes` in portions and closes.
Outcome exchange(ClientConnection& client, std::string_view bytes, std::size_t portion)
{
    std::optional<Outcome> outcome;
    client.spawn(ask(client, outcome));
    client.turn();
    while (!bytes.empty() && !outcome) {
        const std::string_view next = bytes.substr(0, portion);
        if (!client.send(next))
            break;
        bytes.remove_prefix(next.size());
        client.turn();
    }
    if (!outcome) {
        client.end();
        client.turn();
    }
    require(outcome.has_value(), "an exchange ends when the web server has closed");
    return *outcome;
}

Outcome exchange_alone(std::string_view bytes, std::size_t portion)
{
    ClientConnection client;
    return exchange(client, bytes, portion);
}

} // namespace

/// All that a web server sends before it closes.
void http_exchange(std::string_view input)
{
    constexpr std::size_t most = 150'000; // fits into a socket, and is beyond every limit
    input = input.substr(0, most);
    ClientConnection whole;
    const Outcome outcome = exchange(whole, input, 2048);
    require(outcome == exchange_alone(input, 1 + input.size() / 7), "portions change nothing");
    if (input.size() < 600)
        require(outcome == exchange_alone(input, 1), "single bytes change nothing");
    if (outcome.failure)
        return;

    require(outcome.response.status >= 100 && outcome.response.status <= 999, "a response has a status");
    require(outcome.response.body.size() <= net::Response::max_body, "a body is no longer than promised");
    require_sound_outcome(outcome.response);
    if (whole.connection().is_reusable())
        require(exchange(whole, input, 2048) == outcome, "a connection that is used again answers the same");
}

} // namespace dialhook::fuzz
