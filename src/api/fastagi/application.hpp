#pragma once

#include "config/configuration.hpp"
#include "dialplan/resolve.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <vector>

namespace dialhook::fastagi {

/// One application of Asterisk with its arguments.
struct Application
{
    std::string name; ///< empty: none, answering is all
    std::string arguments;
    bool needs_answer = false; ///< it does not answer the channel, and the caller would hear nothing
};

/// Why a step is left out: a sentence for the author of the dialplan.
struct LeftOut
{
    std::string why;
};

/// What a group comes to.
struct GroupDials
{
    struct LeftOutTarget
    {
        std::string target;
        std::string why;
    };

    std::vector<Application> in_turn; ///< until one of them connects the call; empty if no target is left
    std::vector<LeftOutTarget> left_out;
};

/// Returns the application that does `step`.
boost::system::result<Application, LeftOut> application_of(const dialplan::DialDestination& step,
                                                           const config::AsteriskSettings& settings);
GroupDials applications_of(const dialplan::DialGroup& step, const config::AsteriskSettings& settings);
boost::system::result<Application, LeftOut> application_of(const dialplan::EngineStep& step,
                                                           const config::AsteriskSettings& settings);

} // namespace dialhook::fastagi
