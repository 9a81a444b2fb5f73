#include "config/signing_secrets.hpp"

#include <cstddef>
#include <utility>

namespace dialhook::config {
namespace {

constexpr std::size_t max_secrets = 10;

void add_secret(const Value& value, Secrets& secrets, std::vector<SigningSecret>& all)
{
    const auto written = value.text("a secret that begins with whsec_");
    if (!written)
        return;
    const auto text = secrets.substitute(*written);
    if (!text)
        return name_secret_fault(value, text.error());
    if (auto secret = SigningSecret::from(*text))
        all.push_back(*std::move(secret));
    else
        value.fault("expected whsec_ and the base64 of 24 to 64 bytes, as the Standard Webhooks specification has it; "
                    "`echo whsec_$(openssl rand -base64 32)` makes one");
}

} // namespace

std::vector<SigningSecret> read_signing_secrets(const Value& value, Secrets& secrets)
{
    std::vector<SigningSecret> all;
    if (value.is_text("off"))
        return all;
    if (value.is_scalar() && !value.is_nothing()) {
        add_secret(value, secrets, all);
        return all;
    }
    if (value.is_nothing() || value.is_empty_list()) {
        value.fault("found no secret; leave the key out to send requests unsigned");
        return all;
    }
    value.each_item("a secret, or a list of them", [&](const Value& item) { add_secret(item, secrets, all); });
    if (all.size() > max_secrets)
        value.fault("found more than 10 secrets; two are enough to change one for another");
    return all;
}

} // namespace dialhook::config
