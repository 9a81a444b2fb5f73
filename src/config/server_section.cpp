#include "config/server_section.hpp"

#include "base/ascii.hpp"
#include "config/accounts.hpp"
#include "config/dns_server.hpp"
#include "config/engine_http_section.hpp"
#include "config/listeners.hpp"
#include "config/numbers_section.hpp"
#include "config/paths.hpp"
#include "yaml/scalars.hpp"

#include <chrono>
#include <string>

namespace dialhook::config {
namespace {

constexpr unsigned max_threads = 256;
constexpr mode_t max_permissions = 0777;
constexpr std::chrono::milliseconds min_kept = std::chrono::seconds(1);

constexpr Choices<log::Level, 4> log_levels{
    {"debug", "info", "warning", "error"},
    {log::Level::debug, log::Level::info, log::Level::warning, log::Level::error}};
constexpr Choices<LogDecisions, 3> log_decisions{{"all", "failures", "none"},
                                                 {LogDecisions::all, LogDecisions::failures, LogDecisions::none}};
constexpr Choices<LogFormat, 4> log_formats{
    {"auto", "text", "json", "syslog"}, {LogFormat::automatic, LogFormat::text, LogFormat::json, LogFormat::syslog}};

std::string octal(mode_t mode)
{
    std::string digits;
    for (int shift = 9; shift >= 0; shift -= 3)
        digits += static_cast<char>('0' + ((mode >> shift) & 7U));
    return digits;
}

void read_mode(const Value& value, ServerSettings& settings)
{
    constexpr std::string_view expected = "a file mode in octal from 0000 to 0777, such as 0660";
    const auto text = value.text(expected);
    if (!text)
        return;
    const auto mode = to_octal(*text);
    if (mode && *mode <= max_permissions)
        settings.socket_mode = *mode;
    else
        value.unexpected(expected);
}

/// Returns the name of a host as it stands in a URL, in lower case, without port.
std::optional<std::string> host_name(std::string_view text)
{
    constexpr std::size_t longest = 253;
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    std::string name = ascii::lowered(text);
    if (name.empty() || name.size() > longest || name.find_first_not_of(allowed) != std::string::npos)
        return std::nullopt;
    return name;
}

void read_http_hosts(const Value& value, ServerSettings& settings)
{
    constexpr std::string_view expected = "the name of a host without port, such as pbx.example.org";
    settings.http.hosts.clear();
    value.each_item("a list of names, such as [pbx.example.org]", [&](const Value& item) {
        const auto text = item.text(expected);
        if (!text)
            return;
        if (auto name = host_name(*text))
            settings.http.hosts.push_back(*std::move(name));
        else
            item.unexpected(expected);
    });
}

void read_fastagi_allow(const Value& value, ServerSettings& settings)
{
    constexpr std::string_view expected = "an address or a network, such as 10.20.0.0/16";
    if (value.is_nothing() || value.is_empty_list())
        return value.fault(
            "found an empty list, expected at least one network; leave `fastagi` out to have no FastAGI");
    settings.fastagi.allow.clear();
    value.each_item("a list of networks, such as [127.0.0.0/8, 10.20.0.0/16]", [&](const Value& item) {
        const auto text = item.text(expected);
        if (!text)
            return;
        if (const auto network = egress::Network::parse(*text))
            settings.fastagi.allow.push_back(*network);
        else
            item.unexpected(expected);
    });
}

/// Reads a list of accounts. An empty one could mean "nobody" or "anybody", so it is not guessed.
template <class Id>
void read_accounts(const Value& value, std::vector<Id>& ids, std::optional<Id> (*read)(const Value&))
{
    if (value.is_nothing() || value.is_empty_list())
        return value.fault(
            "found an empty list, expected at least one name or number; leave the key out to let in whom "
            "the socket's mode lets in");
    ids.clear();
    value.each_item("a list of names or numbers, such as [asterisk]", [&](const Value& item) {
        if (const auto id = read(item))
            ids.push_back(*id);
    });
}

void read_log(const Value& value, ServerSettings& settings)
{
    log_keys().read(value, settings.log);
    if (settings.log.format == LogFormat::syslog && !settings.log.file.empty())
        value.entry("file")->fault("`format: syslog` writes to no file; leave one of the two out");
}

/// A disk that refuses is no fault: calls are routed without it, and the spool tries again by itself.
void read_spool(const Value& value, ServerSettings& settings)
{
    auto path = read_path(value, "/var/lib/dialhook/spool.db");
    if (!path)
        return;
    if (const auto why = fault_of_file_to_write(*path))
        value.warn(*why + "; no event is stored until that is repaired");
    settings.spool.file = *std::move(path);
}

KeyTable<ServerSettings>::Read time_into(std::chrono::milliseconds SpoolSettings::*member)
{
    return [member](const Value& value, ServerSettings& settings) {
        if (const auto time = value.time(min_kept, max_time))
            settings.spool.*member = *time;
    };
}

void add_spool(KeyTable<ServerSettings>& keys)
{
    const SpoolSettings defaults;
    const std::string range = show(min_kept) + " to " + show(max_time);
    keys.key({"spool", "path", "`spool.db` in the folder of `--state`", "",
              "File where call events, and requests of webhooks with `wait: false`, wait for their web servers."},
             read_spool);
    keys.key({"event_idle", "time", code(show(defaults.event_idle)), range,
              "How long an engine may say nothing of a call before it counts as ended, with reason `unknown`.",
              time_schema(min_kept)},
             time_into(&SpoolSettings::event_idle));
    keys.key({"spool_keep", "time", code(show(defaults.keep)), range,
              "How long the spool keeps what was delivered, for `dialhookctl deliveries` and `replay`; at most 1 GiB.",
              time_schema(min_kept)},
             time_into(&SpoolSettings::keep));
}

KeyTable<ServerSettings> make_server_keys()
{
    const ServerSettings defaults;
    using namespace std::chrono_literals;
    KeyTable<ServerSettings> keys;
    keys.key(
        {"socket", "path", code(defaults.socket), "at most 107 bytes", "Unix socket that dialplan engines connect to."},
        [](const Value& value, ServerSettings& settings) {
            if (auto path = read_socket_path(value))
                settings.socket = std::move(*path);
        });
    keys.key({"socket_mode", "octal mode", code(octal(defaults.socket_mode)), "0000 to 0777",
              "Permissions of `socket`; quotes make no difference."},
             read_mode);
    keys.key({"socket_group", "group", "the daemon's own", "", "Name or number of the group that owns `socket`."},
             [](const Value& value, ServerSettings& settings) { settings.socket_group = read_group(value); });
    keys.key(
        {"control", "path", code(defaults.control), "at most 107 bytes", "Unix socket that `dialhookctl` connects to."},
        [](const Value& value, ServerSettings& settings) {
            if (auto path = read_socket_path(value))
                settings.control = std::move(*path);
        });
    keys.key(
        {"fastagi", "address with port", "none", "",
         "TCP address where Asterisk asks over FastAGI, such as `127.0.0.1:4573`; without it there is no FastAGI."},
        [](const Value& value, ServerSettings& settings) {
            read_listen(value, "an address with a port to listen on, such as 127.0.0.1:4573 or [::1]:4573",
                        settings.fastagi.listen);
        });
    keys.key({"fastagi_allow", "list of networks", "`[127.0.0.0/8, \"::1\"]`", "addresses, networks",
              "Who may connect to `fastagi`."},
             read_fastagi_allow);
    keys.key({"http", "address with port", "none", "",
              "TCP address of metrics, `/healthz` and the status page, such as `127.0.0.1:9464`; without it there are "
              "none."},
             [](const Value& value, ServerSettings& settings) {
                 read_listen(value, "an address with a port to listen on, such as 127.0.0.1:9464 or [::1]:9464",
                             settings.http.listen);
             });
    keys.key({"http_hosts", "list of names", "none", "",
              "Names, without port, by which browsers may ask for the status page, beside literal addresses, "
              "`localhost` and the host's own name."},
             read_http_hosts);
    keys.key({"engine_http", "mapping", "none", "see `server.engine_http`",
              "Where dialplan engines ask over HTTP, and how they show who they are; without it none can."},
             [](const Value&, ServerSettings&) {}); // `read_server` reads it, which has the credentials
    keys.key({"metrics", "mapping", "", "see `server.metrics`", "What `/metrics` holds."},
             [](const Value& value, ServerSettings& settings) { metrics_keys().read(value, settings.metrics); });
    keys.number("threads", &ServerSettings::threads, 1U, max_threads,
                "Event loops that share the connections of the engines.");
    keys.time("drain", &ServerSettings::drain, 0ms,
              "How long a stop waits at most for calls in flight; 0 does not wait.");
    keys.boolean("redact", &ServerSettings::redact, "Masks numbers and names in logs and on the status page.");
    keys.key({"numbers", "mapping", "none", "see `server.numbers`",
              "How numbers are dialled here; with it, all ways to write one number are the same number."},
             [](const Value& value, ServerSettings& settings) { settings.numbers = read_numbers(value); });
    keys.key({"allow_users", "list of users", "none", "",
              "Users whose programs may connect to `socket`, if its mode lets them in too."},
             [](const Value& value, ServerSettings& settings) {
                 read_accounts<uid_t>(value, settings.peers.users, read_user);
             });
    keys.key({"allow_groups", "list of groups", "none", "",
              "Groups whose members' programs may connect to `socket`, beside those of `allow_users`."},
             [](const Value& value, ServerSettings& settings) {
                 read_accounts<gid_t>(value, settings.peers.groups, read_group);
             });
    keys.key({"dns", "mapping", "", "see `server.dns`", "Which name servers are asked."},
             [](const Value& value, ServerSettings& settings) { dns_keys().read(value, settings.dns_servers); });
    add_spool(keys);
    keys.key({"log", "mapping", "", "see `server.log`", "What is logged, and how."}, read_log);
    return keys;
}

KeyTable<DnsServers> make_dns_keys()
{
    KeyTable<DnsServers> keys;
    keys.key({"servers", "list of addresses", "the system's", "",
              "Name servers, each `ADDRESS`, `ADDRESS:PORT` or `[IPV6]:PORT`; the port is 53 unless given."},
             [](const Value& value, DnsServers& servers) {
                 servers.clear();
                 value.each_item("a list of addresses, such as [127.0.0.1:53]", [&](const Value& item) {
                     if (const auto server = read_dns_server(item))
                         servers.push_back(*server);
                 });
             });
    return keys;
}

KeyTable<MetricsSettings> make_metrics_keys()
{
    KeyTable<MetricsSettings> keys;
    keys.boolean("webhooks", &MetricsSettings::webhooks,
                 "Series for each webhook; `false` leaves the sums of all webhooks.");
    return keys;
}

KeyTable<LogSettings> make_log_keys()
{
    KeyTable<LogSettings> keys;
    keys.choice("level", &LogSettings::level, log_levels, "The least important messages that are logged.");
    keys.choice("decisions", &LogSettings::decisions, log_decisions, "Which decisions get a line of their own.");
    keys.choice("format", &LogSettings::format, log_formats,
                "`auto` writes to the journal under systemd and text elsewhere; `text` and `json` write lines to "
                "`file`, or to standard error; `syslog` hands them to the system's log.");
    keys.key({"file", "path", "none", "",
              "File that lines are appended to, instead of standard error and the journal; SIGHUP and `dialhookctl "
              "reload` open it again."},
             [](const Value& value, LogSettings& settings) {
                 if (auto path = read_file_to_write(value))
                     settings.file = std::move(*path);
             });
    return keys;
}

} // namespace

const KeyTable<ServerSettings>& server_keys()
{
    static const auto keys = make_server_keys();
    return keys;
}

const KeyTable<DnsServers>& dns_keys()
{
    static const auto keys = make_dns_keys();
    return keys;
}

const KeyTable<MetricsSettings>& metrics_keys()
{
    static const auto keys = make_metrics_keys();
    return keys;
}

const KeyTable<LogSettings>& log_keys()
{
    static const auto keys = make_log_keys();
    return keys;
}

void read_server(const Value& value, ServerSettings& settings, SharedValues& shared, const Environment& environment)
{
    server_keys().read(value, settings);
    if (const auto engine_http = value.entry("engine_http"))
        settings.engine_http = read_engine_http(*engine_http, shared.secrets(), environment);
    check_listeners(value, settings);
}

} // namespace dialhook::config
