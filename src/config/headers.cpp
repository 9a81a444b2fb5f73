#include "config/headers.hpp"

#include "base/text.hpp"
#include "config/doubled_variable.hpp"
#include "config/odd_text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace dialhook::config {
namespace {

/// Returns what is wrong with the name, or nullopt.
std::optional<std::string_view> fault_of_name(std::string_view name, const Headers& earlier)
{
    if (name.empty() ||
        !RequestHeader::from("X" + std::string(name), std::string_view())) // no name with an X is reserved
        return "this is not a header name; it may hold letters, digits and !#$%&'*+-.^_`|~";
    if (!RequestHeader::from(name, std::string_view()))
        return "the daemon sets this header itself; remove it";
    if (std::ranges::any_of(
            earlier, [name](const RequestHeader& header) { return text::equals_ignoring_case(header.name(), name); }))
        return "this header appears twice; case does not count in header names";
    return std::nullopt;
}

/// What stands between two braces may be a piece of a secret, unless it is nearly the name of a variable.
std::string without_the_value(std::string message)
{
    const bool is_harmless = !message.starts_with("unknown variable") ||
                             message.find("; did you mean {") != std::string::npos ||
                             message.starts_with("unknown variable {var.");
    return is_harmless ? std::move(message) : "what stands in these braces is no variable; a literal { is written {{";
}

} // namespace

Headers read_headers(const Value& value, SharedValues& shared)
{
    Headers headers;
    value.each_entry([&](const Value& entry) {
        if (const auto fault = fault_of_name(entry.name(), headers))
            return entry.fault_at_key(std::string(*fault) + entry.odd_character_in_key());
        const auto written = entry.text("a text; write \"\" for an empty one");
        if (!written)
            return;
        const auto with_secrets = [&](std::string_view literal,
                                      std::size_t offset) -> boost::system::result<std::string, TemplateError> {
            auto made = shared.secrets().substitute(literal);
            if (made)
                return *std::move(made);
            SecretFault fault = std::move(made).error();
            fault.offset += offset;
            if (!fault.is_unknown)
                return TemplateError{fault.offset, std::move(fault.message)};
            name_secret_fault(entry, fault);
            return std::string();
        };
        auto text = ValueTemplate::parse(*written, shared.vars, with_secrets);
        if (!text)
            return entry.fault_in_text(text.error().offset, without_the_value(std::move(text.error().message)));
        warn_of_foreign_variables(entry, *written);
        warn_of_odd_text(entry);
        if (auto header = RequestHeader::from(entry.name(), *std::move(text)))
            headers.push_back(std::move(*header));
        else
            entry.fault("the value holds a control character, such as a line end, which would break the request; one "
                        "line end at the end of a credential or a file is dropped, others are not");
    });
    return headers;
}

Headers read_fixed_headers(const Value& value, SharedValues& shared)
{
    Headers headers = read_headers(value, shared);
    std::erase_if(headers, [&value](const RequestHeader& header) {
        if (header.value_template() == nullptr)
            return false;
        if (const auto entry = value.entry(header.name()))
            entry->fault("the value holds a variable, but it is the same in all requests here; what is known of the "
                         "call stands in the body, and a literal { is written {{");
        return true;
    });
    return headers;
}

} // namespace dialhook::config
