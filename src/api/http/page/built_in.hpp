#pragma once

#include <string_view>

/// The files of this folder, as they were when the daemon was built.
namespace dialhook::status {

std::string_view page_html();
std::string_view page_css();
std::string_view page_js();

} // namespace dialhook::status
