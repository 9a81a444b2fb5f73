#include "config/headers.hpp"

#include <dialhook/call/text.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace dialhook::config {
namespace {

/// What is wrong with the name, or nothing.
std::optional<std::string_view> fault_of_name(std::string_view name, const Headers& earlier)
{
    if (name.empty() || !RequestHeader::from("X" + std::string(name), "")) // no name with an X is reserved
        return "this is no header name; it may hold letters, digits and !#$%&'*+-.^_`|~";
    if (!RequestHeader::from(name, ""))
        return "the daemon sets this header itself; remove it";
    if (std::ranges::any_of(
            earlier, [name](const RequestHeader& header) { return text::equals_ignoring_case(header.name(), name); }))
        return "this header stands twice; upper and lower case are the same in header names";
    return std::nullopt;
}

} // namespace

Headers read_headers(const Value& value, Secrets& secrets)
{
    Headers headers;
    value.each_entry([&](const Value& entry) {
        if (const auto fault = fault_of_name(entry.name(), headers))
            return entry.fault_at_key(std::string(*fault) + entry.odd_character_in_key());
        const auto written = entry.text("a text; write \"\" for an empty one");
        if (!written)
            return;
        const auto text = secrets.substitute(*written);
        if (!text)
            return name_secret_fault(entry, text.error());
        if (auto header = RequestHeader::from(entry.name(), *text))
            headers.push_back(std::move(*header));
        else
            entry.fault("the value holds a control character, such as a line end, which would break the request; one "
                        "line end at the end of a credential or a file is dropped, others are not");
    });
    return headers;
}

} // namespace dialhook::config
