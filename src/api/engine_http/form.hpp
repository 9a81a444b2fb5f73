#pragma once

#include <string>
#include <string_view>

namespace dialhook::engine_http {

/// Returns `json`, the object of an answer, as application/x-www-form-urlencoded for scripts without JSON. Null members
/// are left out. `callerid` becomes `callerid` and `presentation`, each of `variables` a `var.NAME`, a list of texts
/// one text with commas; `steps` and what else has structure stays JSON text. Pure.
std::string form_of(std::string_view json);

} // namespace dialhook::engine_http
