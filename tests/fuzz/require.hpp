#pragma once

#include <boost/assert/source_location.hpp>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace dialhook::fuzz {

/// Ends the process unless `holds`: that is how a fuzzer and a test alike notice. `property` says what is broken.
inline void require(bool holds, std::string_view property, const boost::source_location& at = BOOST_CURRENT_LOCATION)
{
    if (holds)
        return;
    std::fprintf(stderr, "%s:%u: broken: %.*s\n", at.file_name(), static_cast<unsigned>(at.line()),
                 static_cast<int>(property.size()), property.data());
    std::abort();
}

} // namespace dialhook::fuzz
