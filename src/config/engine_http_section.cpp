#include "config/engine_http_section.hpp"

#include "config/listeners.hpp"
#include "config/paths.hpp"
#include "config/tls_section.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace dialhook::config {
namespace {

KeyTable<EngineTls>::Read file_into(std::string EngineTls::*member)
{
    return [member](const Value& value, EngineTls& options) {
        if (auto path = read_path(value, "/etc/dialhook/engines.pem"))
            options.*member = std::move(*path);
    };
}

/// Returns whether `text` may stand in a header of a request as it is: printable ASCII without a space.
bool is_token(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char byte) { return byte > ' ' && byte <= '~'; });
}

/// No fault shows what a token holds.
void read_token(const Value& value, Secrets& secrets, std::vector<std::string>& tokens)
{
    const auto written = value.text("a token, such as ${credential:engines}");
    if (!written)
        return;
    auto made = secrets.substitute(*written);
    if (!made)
        name_secret_fault(value, made.error());
    else if (!is_token(*made))
        return value.fault("the token is empty, or holds something else than printable ASCII without spaces; "
                           "`openssl rand -hex 32` makes a good one");
    // One that cannot be known here stands for itself, so that what is required is there.
    tokens.push_back(made ? *std::move(made) : std::string(*written));
}

void read_tokens(const Value& value, Secrets& secrets, std::vector<std::string>& tokens)
{
    if (value.is_nothing() || value.is_empty_list())
        return value.fault("found an empty list, expected at least one token; leave the key out to ask for none");
    value.each_item("a list of tokens, such as [\"${credential:engines}\"]",
                    [&](const Value& item) { read_token(item, secrets, tokens); });
}

void check_tls(const Value& value, const EngineTls& options, const Environment& environment)
{
    if (options.cert.empty() || options.key.empty())
        return value.fault_at_key("found no `" + std::string(options.cert.empty() ? "cert" : "key") +
                                  "`; TLS needs a certificate with its key");
    if (!environment.check_engine_tls)
        return;
    if (const auto fault = environment.check_engine_tls(options))
        name_tls_fault(value, *fault, {"cert", "key", "client_ca"});
}

/// A stranger could ask for decisions, or read them on the way.
void check_who_can_ask(const Value& value, const EngineHttpSettings& settings)
{
    if (!settings.listen && value.entry("listen"))
        return; // which is a fault already
    if (!settings.listen)
        return value.fault_at_key("found no `listen`, expected an address with a port such as 127.0.0.1:8443");
    if (settings.listen->address().is_loopback())
        return;
    const Value place = value.entry("listen").value_or(value);
    if (!value.entry("tls"))
        place.fault("an address that other machines reach needs `tls` beside it, with `cert` and `key`; or listen on "
                    "127.0.0.1");
    if (settings.tls.client_ca.empty() && !value.entry("tokens"))
        place.fault("an address that other machines reach needs `tokens` beside it, or `client_ca` in `tls`; or "
                    "listen on 127.0.0.1");
}

} // namespace

const KeyTable<EngineTls>& engine_tls_keys()
{
    static const auto keys = [] {
        KeyTable<EngineTls> all;
        all.key({"cert", "path", "required", "PEM", "Certificate that engines see, with its chain."},
                file_into(&EngineTls::cert));
        all.key({"key", "path", "required", "PEM", "Private key of `cert`, not encrypted."},
                file_into(&EngineTls::key));
        all.key({"client_ca", "path", "none", "PEM",
                 "Authorities, or single certificates; with it an engine needs a certificate of theirs."},
                file_into(&EngineTls::client_ca));
        return all;
    }();
    return keys;
}

const KeyTable<EngineHttpSettings>& engine_http_keys()
{
    static const auto keys = [] {
        KeyTable<EngineHttpSettings> all;
        all.key(
            {"listen", "address with port", "required", "", "TCP address where engines ask, such as `127.0.0.1:8443`."},
            [](const Value& value, EngineHttpSettings& settings) {
                read_listen(value, "an address with a port to listen on, such as 127.0.0.1:8443 or [::1]:8443",
                            settings.listen);
            });
        all.key({"tls", "mapping", "none", "see `server.engine_http.tls`",
                 "Certificate of the daemon; required but on a loopback address."},
                [](const Value& value, EngineHttpSettings& settings) { engine_tls_keys().read(value, settings.tls); });
        all.key({"tokens", "list of tokens", "none", "printable ASCII",
                 "One of these has to stand in `Authorization: Bearer`; may hold `${credential:NAME}` and "
                 "`${file:/path}`. Required but on a loopback address, unless `tls` has `client_ca`."},
                [](const Value&, EngineHttpSettings&) {}); // `read_engine_http` reads them
        return all;
    }();
    return keys;
}

EngineHttpSettings read_engine_http(const Value& value, Secrets& secrets, const Environment& environment)
{
    EngineHttpSettings settings;
    if (!engine_http_keys().read(value, settings))
        return settings;
    if (const auto tokens = value.entry("tokens"))
        read_tokens(*tokens, secrets, settings.tokens);
    if (const auto tls = value.entry("tls"))
        check_tls(*tls, settings.tls, environment);
    check_who_can_ask(value, settings);
    return settings;
}

} // namespace dialhook::config
