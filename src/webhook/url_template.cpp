#include "webhook/url_template.hpp"

#include "base/fetch_ahead.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"
#include "webhook/template_compiler.hpp"

#include <algorithm>

namespace dialhook {
namespace {

/// Returns whether `segment` is `.` or `..` as a web server may read it, with dots percent-encoded too.
bool is_dot_segment(std::string_view segment)
{
    std::size_t dots = 0;
    while (!segment.empty()) {
        if (segment.starts_with('.'))
            segment.remove_prefix(1);
        else if (text::equals_ignoring_case(segment.substr(0, 3), "%2e"))
            segment.remove_prefix(3);
        else
            return false;
        ++dots;
    }
    return dots == 1 || dots == 2;
}

} // namespace

boost::system::result<UrlTemplate, TemplateError> UrlTemplate::parse(std::string_view text,
                                                                     std::span<const std::string> vars)
{
    return TemplateCompiler(text, vars).compile();
}

bool UrlTemplate::uses(Variable variable) const
{
    return std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
        const bool is_variable = piece.kind == PieceKind::variable || piece.kind == PieceKind::number;
        return is_variable && piece.variable == variable;
    });
}

void UrlTemplate::fetch_ahead() const
{
    dialhook::fetch_ahead(pieces_.data(), pieces_.size() * sizeof(Piece));
    dialhook::fetch_ahead(literals_.data(), literals_.size());
}

void UrlTemplate::expand(const VariableValues& values, std::string& out) const
{
    std::uint32_t literal_start = 0;
    SegmentStart segment{};

    for (std::size_t index = 0; index < pieces_.size(); ++index) {
        const Piece& piece = pieces_[index];
        switch (piece.kind) {
        case PieceKind::literal:
            out.append(literals_, literal_start, piece.end - literal_start);
            literal_start = piece.end;
            break;
        case PieceKind::variable:
            if (values.is_sent_in_form(piece.variable))
                percent::append_encoded(out, values.in_form(piece.variable, values.send));
            else
                percent::append_encoded(out, values[piece.variable]);
            break;
        case PieceKind::number:
            percent::append_encoded(out, values.in_form(piece.variable, static_cast<NumberForm>(piece.end)));
            break;
        case PieceKind::call_var:
            percent::append_encoded(
                out, values.var(std::string_view(literals_).substr(literal_start, piece.end - literal_start)));
            literal_start = piece.end;
            break;
        case PieceKind::segment_begin:
            segment = {out.size(), index, literal_start};
            break;
        case PieceKind::segment_end:
            if (is_dot_segment(std::string_view(out).substr(segment.in_output)))
                leave_values_out(segment, index, out);
            break;
        }
    }
}

void UrlTemplate::leave_values_out(const SegmentStart& segment, std::size_t end_piece, std::string& out) const
{
    out.resize(segment.in_output);
    std::uint32_t literal_start = segment.literal;
    for (std::size_t index = segment.piece; index < end_piece; ++index) {
        const Piece& piece = pieces_[index];
        if (piece.kind == PieceKind::literal)
            out.append(literals_, literal_start, piece.end - literal_start);
        if (piece.kind == PieceKind::literal || piece.kind == PieceKind::call_var)
            literal_start = piece.end;
    }
}

} // namespace dialhook
