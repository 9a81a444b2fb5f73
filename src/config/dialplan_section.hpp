#pragma once

#include "config/configuration.hpp"
#include "config/key_table.hpp"
#include "dialplan/dialplan.hpp"
#include "yaml/value.hpp"

#include <memory>
#include <string>
#include <vector>

namespace dialhook::config {

/// A dialplan and where its DID and the name of its webhook stand.
struct PlacedDialplan
{
    std::shared_ptr<const dialplan::Dialplan> plan;
    FileNumber file = 0;
    Mark mark;
    Mark webhook_mark;
    std::string webhook_path;
};

/// Reads the `dialplans` of one file and appends them to `dialplans`.
void read_dialplans(const Value& value, std::vector<PlacedDialplan>& dialplans);

/// Returns all dialplans by number. One that stands twice, however it is written, and a webhook that `configuration`
/// does not have are faults.
dialplan::NumberPlan joined_by_number(const std::vector<PlacedDialplan>& dialplans, const Configuration& configuration,
                                      FaultList& faults);

/// Returns what may stand in a dialplan, for the manual.
const std::vector<KeyRow>& dialplan_rows();

} // namespace dialhook::config
