#pragma once

#include "api/http/activity.hpp"
#include "api/http/decisions.hpp"
#include "api/http/sources.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Reports for watchers, as JSON texts.
namespace dialhook::status {

/// What one status page shows, from the query of its request.
struct PageView
{
    std::string filter;  ///< webhooks whose name holds this
    std::string webhook; ///< whose decisions are shown; empty: none
    Activity::Order order = Activity::Order::trouble;
    Cursor cursor;            ///< end of what was reported
    std::uint64_t sample = 0; ///< the last one reported
};

PageView read_view(std::string_view query);

/// Returns the report that a page gets once a second: first the last minute, then only what is new.
std::string page_report(const Sources& sources, const Activity& activity, PageView& view);

/// Returns the result for `dialhookctl top`, or `tail`, as docs/control-socket.md describes it.
std::string top_report(const Sources& sources, const Activity& activity, std::size_t limit);
std::string decisions_report(const Sources& sources, const std::optional<Cursor>& cursor, std::string_view webhook,
                             std::size_t limit);

} // namespace dialhook::status
