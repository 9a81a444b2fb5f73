#pragma once

#include "webhook/origin.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace dialhook {

/// What stands between `//` and the path of a URL, checked.
struct Authority
{
    Origin origin;
    std::string authorization; ///< the Authorization header's value that user info asks for (RFC 7617), or empty
};

/// What is wrong with an authority: the end of a sentence that starts with the URL. Never holds the user info.
struct AuthorityError
{
    std::string message;
};

/// Reads the authority of an http or https URL.
boost::system::result<Authority, AuthorityError> read_authority(bool https, std::string_view text);

} // namespace dialhook
