#include "config/tls_section.hpp"

#include "config/paths.hpp"
#include "config/unreadable.hpp"

#include <string>
#include <utility>

namespace dialhook::config {
namespace {

constexpr Choices<TlsVersion, 2> versions{{"1.2", "1.3"}, {TlsVersion::tls_1_2, TlsVersion::tls_1_3}};

KeyTable<TlsOptions>::Read path_into(std::string TlsOptions::*member)
{
    return [member](const Value& value, TlsOptions& options) {
        if (auto path = read_path(value))
            options.*member = std::move(*path);
    };
}

KeyTable<TlsOptions> make_tls_keys()
{
    KeyTable<TlsOptions> keys;
    keys.key({"ca_file", "path", "the system's CAs", "PEM",
              "Certificates to trust instead of the system's CAs: authorities, intermediate ones too, or the web "
              "server's own."},
             path_into(&TlsOptions::ca_file));
    keys.key({"client_cert", "path", "none", "PEM", "Certificate, with its chain, for a web server that asks for one."},
             path_into(&TlsOptions::client_cert));
    keys.key({"client_key", "path", "none", "PEM", "Private key of `client_cert`."},
             path_into(&TlsOptions::client_key));
    keys.choice("min_version", &TlsOptions::min_version, versions,
                "The oldest TLS version to speak; quotes make no difference.");
    return keys;
}

/// Returns false if only one of the two was given, which is a fault where it stands.
bool belong_together(const Value& value, std::string_view one, std::string_view other)
{
    const auto present = value.entry(one);
    if (!present || value.entry(other))
        return true;
    present->fault_at_key("found no `" + std::string(other) + "` beside it; a client certificate needs both");
    return false;
}

} // namespace

const KeyTable<TlsOptions>& tls_keys()
{
    static const auto keys = make_tls_keys();
    return keys;
}

void name_tls_fault(const Value& value, const std::string& fault, std::initializer_list<std::string_view> keys)
{
    constexpr std::string_view unreadable = " cannot be read: ";
    for (const std::string_view key : keys) {
        const auto entry = value.entry(key);
        if (!entry || !fault.starts_with(std::string(entry->written()) + " "))
            continue;
        const auto why = fault.find(unreadable);
        if (why == std::string::npos)
            return entry->fault(fault);
        return entry->fault(fault + remedy_of_unreadable(entry->written(), fault.substr(why + unreadable.size())) +
                            entry->odd_character());
    }
    value.fault_at_key(fault);
}

std::shared_ptr<const TlsOptions> read_tls(const Value& value, SharedValues& shared)
{
    TlsOptions options;
    tls_keys().read(value, options);
    const bool has_key = belong_together(value, "client_cert", "client_key");
    const bool has_certificate = belong_together(value, "client_key", "client_cert");
    if (!has_key || !has_certificate || options.client_cert.empty() != options.client_key.empty())
        return nullptr;
    const auto& tls = shared.share(options);
    if (tls.fault)
        name_tls_fault(value, *tls.fault, {"ca_file", "client_cert", "client_key"});
    return tls.options;
}

} // namespace dialhook::config
