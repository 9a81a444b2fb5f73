#pragma once

#include <string_view>

namespace dialhook::nats {

/// What an `-ERR` means for a client that publishes.
enum class ErrorKind : unsigned char
{
    login,           ///< the credentials are refused, missing or no longer good
    may_not_publish, ///< the user has no right to the subject; the connection stays
    may_not_listen,  ///< the user has no right to its inbox, where acknowledgements come
    other
};

/// Judges the text of a `ServerError`, as the server of the NATS project words them.
ErrorKind error_kind(std::string_view text);

/// Returns the subject that the text of a `may_not_publish` quotes; empty: it quotes none, or the text was cut.
std::string_view forbidden_subject(std::string_view text);

} // namespace dialhook::nats
