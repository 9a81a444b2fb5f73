#pragma once

#include <string>
#include <string_view>

/// Character references of HTML (`&#039;`, `&amp;`), which web frameworks write into text that is no HTML.
namespace dialhook::character_references {

/// Returns `utf8` with its numeric references and the five of XML (`amp`, `lt`, `gt`, `quot`, `apos`) undone, once:
/// `&amp;lt;` is `&lt;`. What is no such reference stays as it stands.
std::string undone(std::string_view utf8);

/// Returns whether `text` goes on, after an `&`, as a reference does: `#039;…`, `lt;…`.
bool continues_reference(std::string_view text);

/// Returns the length of what is left of a reference to `&` itself, after its `&`: 4 of `amp;…`, 5 of `#038;…`; else 0.
std::size_t rest_of_ampersand(std::string_view text);

} // namespace dialhook::character_references
