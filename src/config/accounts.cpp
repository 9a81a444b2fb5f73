#include "config/accounts.hpp"

#include "yaml/shown.hpp"

#include <grp.h>
#include <pwd.h>
#include <system_error>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace dialhook::config {
namespace {

/// Looks up in <pwd.h> or <grp.h>, with as much memory as it asks for.
template <class Entry, class LookUp>
std::optional<Entry> look_up(LookUp look_up_name, const std::string& name)
{
    for (std::size_t room = 1024; room <= 1024 * 1024; room *= 4) {
        std::vector<char> buffer(room);
        Entry entry{};
        Entry* result = nullptr;
        const int error = look_up_name(name.c_str(), &entry, buffer.data(), buffer.size(), &result);
        if (error != ERANGE)
            return error == 0 && result != nullptr ? std::optional(entry) : std::nullopt;
    }
    return std::nullopt;
}

/// Reads any number but the largest, which stands for "none" in the system's calls.
std::optional<std::uint32_t> to_id(std::string_view text)
{
    std::uint32_t id = 0;
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, id);
    if (result.ec != std::errc() || result.ptr != end || id == std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    return id;
}

void name_unknown(const Value& value, std::string_view kind, std::string_view name)
{
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos)
        return value.fault("found " + in_quotes(name) + " as the number of a " + std::string(kind) +
                           ", expected one from 0 to 4,294,967,294");
    value.fault("there is no " + std::string(kind) + " " + in_quotes(name) +
                " on this system; create it, or write a number" + value.odd_character());
}

} // namespace

std::optional<uid_t> read_user(const Value& value)
{
    const auto name = value.text("the name or number of a user");
    if (!name)
        return std::nullopt;
    if (const auto id = to_id(*name))
        return id;
    if (const auto user = look_up<passwd>(::getpwnam_r, std::string(*name)))
        return user->pw_uid;
    name_unknown(value, "user", *name);
    return std::nullopt;
}

std::optional<gid_t> read_group(const Value& value)
{
    const auto name = value.text("the name or number of a group");
    if (!name)
        return std::nullopt;
    if (const auto id = to_id(*name))
        return id;
    if (const auto group = look_up<struct group>(::getgrnam_r, std::string(*name)))
        return group->gr_gid;
    name_unknown(value, "group", *name);
    return std::nullopt;
}

} // namespace dialhook::config
