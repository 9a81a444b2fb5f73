#include "config/manual_page.hpp"

#include "config/reference.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace dialhook::config {
namespace {

constexpr std::string_view head = R"(.\" Made by scripts/generate from the tables in src/config; edit those.
.TH DIALHOOK.YAML 5 2026-11-25 Dialhook "File formats"
.SH NAME
dialhook.yaml \- configuration of the Dialhook daemon
.SH DESCRIPTION
.BR dialhookd (8)
reads one YAML file, and the files that it includes.
It names every fault with file, line and column;
.B dialhookd \-\-config FILE \-\-check
does that alone, and
.B dialhookctl reload
puts a changed file in force while calls go on.
.PP
Times are written
.BR 250ms ,
.BR 1.5s ,
.B 2m
or
.BR 1h ;
a bare number is seconds.
An unknown key is a fault, and so is one that stands twice.
)";

constexpr std::string_view tail = R"(.SH EXAMPLES
A webhook, and the dialplan of a number that asks it:
.PP
.nf
.RS 4
egress:
  allow: [crm.lan]
webhooks:
  crm:
    url: http://crm.lan/route?did={did}&from={callerid}
    timeout: 2s
dialplans:
  "+31502102544":
    - webhook: crm
      on_success:
        - dial: { destination: variable }
      on_failure:
        - dial: "101"
.RE
.fi
.SH FILES
.TP
.I /etc/dialhook/dialhook.yaml
The configuration that the service reads.
.TP
.I /usr/share/dialhook/dialhook.schema.json
The same keys as a JSON Schema, for editors that know YAML.
.SH SEE ALSO
.BR dialhookctl (1),
.BR dialhookd (8)
)";

/// Returns Markdown as man(7) has it: code becomes bold, and nothing is taken for a request or an escape.
std::string running_text(std::string_view markdown)
{
    std::string text;
    bool in_code = false;
    for (const char character : markdown) {
        if (character == '`')
            text += (in_code = !in_code) ? "\\fB" : "\\fR";
        else if (character == '\\')
            text += "\\e";
        else if (character == '-')
            text += in_code ? "\\-" : "-";
        else if (character == '\'')
            text += in_code ? "\\(aq" : "'";
        else
            text += character;
    }
    return text;
}

/// Breaks the text into lines of at most 80 bytes, none of which is taken for a request.
std::string folded(std::string_view text)
{
    constexpr std::size_t longest = 80;
    std::string lines;
    std::size_t used = 0;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const bool fits = used + 1 + word.size() <= longest;
        if (used != 0)
            lines += fits ? ' ' : '\n';
        used = fits && used != 0 ? used + 1 : 0;
        if (used == 0 && (word.starts_with('.') || word.starts_with('\'')))
            lines += "\\&";
        lines += word;
        used += word.size();
    }
    return lines;
}

std::string about(const KeyRow& row)
{
    std::string text = row.type;
    if (row.default_value == "required")
        text += ", required";
    else if (!row.default_value.empty())
        text += ", default " + row.default_value;
    if (!row.range.empty())
        text += "; " + row.range;
    return text;
}

std::string section_of(const Section& section)
{
    std::string text = ".SS ";
    text += section.path.empty() ? "Top level" : running_text(code(section.path));
    text += '\n';
    for (const KeyRow& row : section.keys)
        text += ".TP\n" + running_text(code(row.name)) + " (" + running_text(about(row)) + ")\n" +
                folded(running_text(row.meaning)) + '\n';
    return text;
}

/// Writes the characters beyond ASCII that the tables hold as roff does.
std::string in_ascii(std::string text)
{
    constexpr std::string_view ellipsis = "\u2026";
    for (auto at = text.find(ellipsis); at != std::string::npos; at = text.find(ellipsis, at))
        text.replace(at, ellipsis.size(), "...");
    return text;
}

} // namespace

std::string manual_page()
{
    std::string page(head);
    page += ".SH KEYS\n";
    for (const Section& section : reference())
        page += section_of(section);
    page += tail;
    return in_ascii(std::move(page));
}

} // namespace dialhook::config
