#include "config/secrets.hpp"

#include "base/text.hpp"
#include "yaml/shown.hpp"

#include <utility>

namespace dialhook::config {
namespace {

bool is_file_name(std::string_view name)
{
    return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
           name.find('/') == std::string_view::npos && !text::has_controls(name);
}

std::string without_line_end(std::string text)
{
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
    return text;
}

} // namespace

void name_secret_fault(const Value& value, const SecretFault& fault)
{
    if (fault.is_unknown)
        value.warn_in_text(fault.offset, fault.message);
    else
        value.fault_in_text(fault.offset, fault.message);
}

boost::system::result<std::string, SecretFault> Secrets::substitute(std::string_view text)
{
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto open = text.find("${", at);
        if (open == std::string_view::npos)
            return result.append(text.substr(at));
        if (open > at && text[open - 1] == '$') {
            result.append(text.substr(at, open - 1 - at)).append("${");
            at = open + 2;
            continue;
        }
        result.append(text.substr(at, open - at));
        const auto close = text.find('}', open);
        if (close == std::string_view::npos)
            return SecretFault{open, "a `${` is not closed; write } at its end, or $${ for the characters themselves"};
        auto content = resolve(text.substr(open + 2, close - open - 2));
        if (content.fault)
            return SecretFault{open, *content.fault, content.is_unknown};
        result += content.bytes;
        if (content.text)
            used_.push_back(std::move(content.text));
        at = close + 1;
    }
    return result;
}

Secrets::Content Secrets::resolve(std::string_view reference)
{
    constexpr std::string_view credential_prefix = "credential:";
    constexpr std::string_view file_prefix = "file:";
    if (reference.starts_with(credential_prefix))
        return credential(reference.substr(credential_prefix.size()));
    if (!reference.starts_with(file_prefix))
        return {{},
                "found a ${…} of another kind, expected ${credential:NAME} or ${file:/path}; write $${ for the "
                "characters themselves"};
    const auto path = reference.substr(file_prefix.size());
    if (!path.starts_with('/') || text::has_controls(path))
        return {{}, "found ${file:…} without an absolute path, expected one such as ${file:/etc/dialhook/token}"};
    return file(path);
}

Secrets::Content Secrets::credential(std::string_view name)
{
    if (!is_file_name(name))
        return {{}, "found " + in_quotes(name) + " as the name of a credential, expected a plain file name"};
    if (credentials_.empty() && credentials_are_elsewhere_)
        return {{},
                "the credential " + in_quotes(name) + " is not looked at, since systemd hands it to the service alone",
                true};
    if (credentials_.empty())
        return {{},
                "the credential " + in_quotes(name) +
                    " cannot be read, because $CREDENTIALS_DIRECTORY is not set; "
                    "hand it over with LoadCredential= in the systemd unit, or use ${file:/path}"};
    return file(credentials_ / name);
}

const Secrets::Content& Secrets::file(const std::filesystem::path& path)
{
    const auto [entry, is_new] = files_.try_emplace(path.string());
    if (!is_new)
        return entry->second;
    if (const auto kept = kept_.read(path.string())) {
        entry->second.text = (*kept)->text;
        entry->second.bytes = without_line_end((*kept)->text->text);
    } else {
        entry->second.fault = path.string() + " cannot be read: " + kept.error().message;
    }
    return entry->second;
}

bool Secrets::is_unchanged(const std::shared_ptr<const SourceText>& before)
{
    return file(before->path).text == before;
}

} // namespace dialhook::config
