#pragma once

#include <dialhook/net/response.hpp>

#include <string_view>

namespace dialhook::net {

/// Reads the response that nearly every web server sends, if `bytes` are one and nothing else: status 200 of HTTP/1.1,
/// whole, with one Content-Length, kept alive, and no header that changes what the body is. `response` must be empty,
/// and is left so otherwise.
///
/// It saves Beast's parser for the rest: 900 instructions instead of 3,200. It understands no more than it is sure of;
/// the tests of `ResponseReader` hold it against Beast, which gets the same response in portions.
bool read_ordinary(std::string_view bytes, Response& response);

} // namespace dialhook::net
