#pragma once

#include "base/shared_list.hpp"
#include "call/numbers.hpp"
#include "dialplan/argument_template.hpp"
#include "dialplan/number_plan.hpp"
#include "egress/proxy.hpp"
#include "egress/rules.hpp"
#include "events/notification.hpp"
#include "log/level.hpp"
#include "webhook/webhook.hpp"
#include "yaml/fault.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dialhook::config {

enum class LogDecisions : unsigned char
{
    all,
    failures,
    none
};
enum class LogFormat : unsigned char
{
    automatic, ///< text in a file; without one the journal under systemd, else text
    text,
    json,
    syslog
};

struct LogSettings
{
    log::Level level = log::Level::info;
    LogDecisions decisions = LogDecisions::all;
    LogFormat format = LogFormat::automatic;
    std::string file; ///< empty: standard error, or what `format` says

    bool operator==(const LogSettings&) const = default;
};

/// Who may ask on the engines' socket, by SO_PEERCRED. Both lists empty: whom the socket's mode lets in.
struct PeerSettings
{
    std::vector<uid_t> users;
    std::vector<gid_t> groups; ///< primary and supplementary groups of the peer

    bool operator==(const PeerSettings&) const = default;
};

/// Who may ask over FastAGI, and where.
struct FastAgiSettings
{
    std::optional<boost::asio::ip::tcp::endpoint> listen; ///< none: no FastAGI
    std::vector<egress::Network> allow{*egress::Network::parse("127.0.0.0/8"), *egress::Network::parse("::1")};
};

/// Who the door for engines over HTTP is, and whose certificates it takes: PEM files.
struct EngineTls
{
    std::string cert; ///< empty: plain HTTP
    std::string key;
    std::string client_ca; ///< empty: engines need no certificate
};

/// Engines that ask over HTTP, where, and how they show who they are.
struct EngineHttpSettings
{
    std::optional<boost::asio::ip::tcp::endpoint> listen; ///< none: no engines over HTTP
    EngineTls tls;
    std::vector<std::string> tokens; ///< secret; empty: none is asked for

    /// Returns whether other machines may reach it: nobody listens on the way, and strangers are turned away.
    bool is_guarded() const { return !tls.cert.empty() && (!tls.client_ca.empty() || !tokens.empty()); }
};

/// Metrics and the status page.
struct HttpSettings
{
    std::optional<boost::asio::ip::tcp::endpoint> listen; ///< none: no metrics over HTTP, no status page
    std::vector<std::string> hosts; ///< in lower case; names that the status page may be asked for by, beside its own
};

/// What /metrics holds.
struct MetricsSettings
{
    bool webhooks = true; ///< a series for each webhook; else the sums of all of them

    bool operator==(const MetricsSettings&) const = default;
};

/// The `asterisk` section: the arguments of the applications that do the steps of a dialplan.
struct AsteriskSettings
{
    using Arguments = dialplan::ArgumentTemplate;

    Arguments dial = *Arguments::from("Local/${destination}@from-internal/n,30", "destination");
    Arguments dial_sip = *Arguments::from("PJSIP/dialhook/${destination},30", "destination");
    Arguments play = *Arguments::from("${file}", "file");
    Arguments queue = *Arguments::from("${queue}", "queue");
    Arguments voicemail = *Arguments::from("${mailbox}", "mailbox");

    bool operator==(const AsteriskSettings&) const = default;
};

/// `numbers` of the `server` section.
struct NumberSettings
{
    Numbers plan;                        ///< empty where the section is left out
    NumberForm send = NumberForm::as_is; ///< of webhooks that have no `send` of their own
};

/// Where call events wait for web servers.
struct SpoolSettings
{
    std::string file; ///< empty: `spool.db` in the folder of `--state`
    std::chrono::milliseconds event_idle{std::chrono::hours(4)};
    std::chrono::milliseconds keep{std::chrono::hours(1)}; ///< of what was delivered

    bool operator==(const SpoolSettings&) const = default;
};

/// The `server` section.
struct ServerSettings
{
    std::string socket = "/run/dialhook/dialhook.sock";
    mode_t socket_mode = 0660;
    std::optional<gid_t> socket_group;
    std::string control = "/run/dialhook/control.sock";
    FastAgiSettings fastagi;
    HttpSettings http;
    EngineHttpSettings engine_http;
    MetricsSettings metrics;
    unsigned threads = 1;
    std::chrono::milliseconds drain{10000}; ///< zero: do not wait for the calls under way
    bool redact = false;
    NumberSettings numbers;
    PeerSettings peers;
    std::vector<boost::asio::ip::udp::endpoint> dns_servers; ///< empty: what the system's resolv.conf says
    LogSettings log;
    SpoolSettings spool;
};

/// Everything that the YAML files say, checked. Immutable; a reload makes a new one.
struct Configuration
{
    ServerSettings server;
    egress::Rules egress;
    std::shared_ptr<const egress::Proxy> proxy; ///< null: requests go out directly
    AsteriskSettings asterisk;
    std::vector<std::string> vars; ///< names of what engines may send along with a call
    SharedList<Webhook> webhooks;  ///< ordered by name, each name once
    std::shared_ptr<const events::Notifications> notifications = std::make_shared<const events::Notifications>();
    dialplan::NumberPlan dialplans; ///< their webhooks are among `webhooks`
    Faults warnings;                ///< what is probably not meant
};

} // namespace dialhook::config
