#include "config/top_level.hpp"

#include "config/vars_section.hpp"

#include <string>
#include <utility>

namespace dialhook::config {
namespace {

KeyTable<MainSections>::Read into(std::optional<Value> MainSections::*section)
{
    return [section](const Value& value, MainSections& sections) { sections.*section = value; };
}

KeyTable<MainSections> make_main_keys()
{
    KeyTable<MainSections> keys;
    keys.key({"server", "mapping", "", "see `server`", "The daemon itself: its sockets, threads and log."},
             into(&MainSections::server));
    keys.key({"egress", "mapping", "", "see `egress`", "Where requests may go."}, into(&MainSections::egress));
    keys.key({"asterisk", "mapping", "", "see `asterisk`", "How Asterisk does the steps of a dialplan."},
             into(&MainSections::asterisk));
    keys.key({"defaults", "mapping", "", "see `webhooks.NAME`", "Settings of webhooks that do not have their own."},
             into(&MainSections::defaults));
    keys.key({"include", "glob pattern, or a list of them", "none", "",
              "Further files with `webhooks`, `notifications` and `dialplans`."},
             into(&MainSections::include));
    keys.key({"vars", "list of names", "none", "up to 32",
              "What engines may send along with a call, for `{var.NAME}` in templates; the rest is dropped.",
              std::string(vars_schema())},
             into(&MainSections::vars));
    keys.key({"webhooks", "mapping of names", "none", "see `webhooks.NAME`", "The webhooks by name."},
             into(&MainSections::webhooks));
    keys.key({"notifications", "mapping of names", "none", "see `notifications.NAME`",
              "Who is told what happens to calls, by name."},
             into(&MainSections::notifications));
    keys.key(
        {"dialplans", "mapping of DIDs", "none", "see `dialplans.DID`", "The steps of each number that is called."},
        into(&MainSections::dialplans));
    return keys;
}

KeyTable<IncludedSections> make_included_keys()
{
    KeyTable<IncludedSections> keys;
    for (const auto& row : main_keys().rows()) {
        if (row.name == "webhooks")
            keys.key(row, [](const Value& value, IncludedSections& sections) { sections.webhooks = value; });
        else if (row.name == "notifications")
            keys.key(row, [](const Value& value, IncludedSections& sections) { sections.notifications = value; });
        else if (row.name == "dialplans")
            keys.key(row, [](const Value& value, IncludedSections& sections) { sections.dialplans = value; });
        else
            keys.key(row, [](const Value& value, IncludedSections&) {
                value.fault_at_key("this key belongs in the main file only; move it there");
            });
    }
    return keys;
}

} // namespace

const KeyTable<MainSections>& main_keys()
{
    static const auto keys = make_main_keys();
    return keys;
}

const KeyTable<IncludedSections>& included_keys()
{
    static const auto keys = make_included_keys();
    return keys;
}

} // namespace dialhook::config
