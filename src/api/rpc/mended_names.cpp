#include "api/rpc/mended_names.hpp"

#include "base/json_quoted.hpp"
#include "base/text.hpp"

namespace dialhook::rpc {
namespace {

bool is_name_of_caller(std::string_view quoted)
{
    return quoted == "\"callerid\"" || quoted == "\"callername\"";
}

/// Returns whether `between` is a colon and the bracket that opens an object.
bool opens_object(std::string_view between)
{
    between = text::trimmed(between);
    return between.starts_with(':') && text::trimmed(between.substr(1)) == "{";
}

} // namespace

std::string with_mended_names(std::string_view line)
{
    std::string mended;
    std::string_view last_string;
    bool in_vars = false;
    while (true) {
        const std::string_view between = line.substr(0, line.find('"'));
        mended += between;
        line.remove_prefix(between.size());
        const std::size_t size = quoted_size(line);
        if (size == std::string_view::npos)
            return mended.append(line);

        const std::string_view quoted = line.substr(0, size);
        const bool is_value = text::trimmed(between) == ":";
        in_vars =
            in_vars ? between.find('}') == std::string_view::npos : last_string == "\"vars\"" && opens_object(between);
        if (is_value && (in_vars || is_name_of_caller(last_string)))
            mended += '"' + text::utf8_or_windows_1252(std::string(quoted.substr(1, size - 2))) + '"';
        else
            mended += quoted;
        last_string = quoted;
        line.remove_prefix(size);
    }
}

} // namespace dialhook::rpc
