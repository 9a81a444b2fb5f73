#pragma once

#include "net/http/response.hpp"

#include <string_view>

namespace dialhook::net {

/// Reads the response that nearly every web server sends, if `bytes` are one and nothing else: status 200 of HTTP/1.1,
/// whole, with one Content-Length, kept alive, and no header that changes what the body is. `response` must be empty,
/// and is left so otherwise.
///
/// It takes a fraction of the instructions of `ResponseReader`, and understands no more than it is sure of; the tests
/// of that hold the two against each other, since they feed the same response in portions, too.
bool read_ordinary(std::string_view bytes, Response& response);

} // namespace dialhook::net
