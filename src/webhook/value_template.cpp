#include "webhook/value_template.hpp"

#include <algorithm>
#include <array>

namespace dialhook {
namespace {

constexpr std::size_t max_value_template = 16384;

void append_header_value(std::string& out, std::string_view value)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char byte : value) {
        const auto code = static_cast<unsigned char>(byte);
        if (code >= 0x20 && code < 0x7F) {
            out += byte;
            continue;
        }
        out += '%';
        out += digits[code >> 4U];
        out += digits[code & 0xFU];
    }
}

/// Returns the size of the reference `${…}` or `$${…}` at the start of `text`, or 0.
std::size_t reference_size(std::string_view text)
{
    if (!text.starts_with("${") && !text.starts_with("$${"))
        return 0;
    return std::min(text.find('}'), text.size() - 1) + 1;
}

} // namespace

boost::system::result<ValueTemplate, TemplateError> ValueTemplate::parse(std::string_view text,
                                                                         std::span<const std::string> vars,
                                                                         const MakeLiteral& make_literal,
                                                                         Vocabulary vocabulary)
{
    if (text.size() > max_value_template)
        return TemplateError{max_value_template, "the text is longer than 16384 bytes"};
    ValueTemplate made;
    std::string literal;
    std::size_t literal_at = 0;
    std::optional<TemplateError> fault;
    const auto end_literal = [&] {
        if (literal.empty())
            return true;
        if (make_literal) {
            auto finished = make_literal(literal, literal_at);
            if (!finished) {
                fault = finished.error();
                return false;
            }
            literal = *std::move(finished);
        }
        made.pieces_.push_back({Piece::Kind::literal, std::move(literal)});
        literal.clear();
        return true;
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (literal.empty())
            literal_at = at;
        if (const std::size_t size = make_literal ? reference_size(rest) : 0; size != 0) {
            literal += rest.substr(0, size);
            at += size;
        } else if (rest.starts_with("{{") || rest.starts_with("}}")) {
            literal += rest.front();
            at += 2;
            if (make_literal && !end_literal()) // the offsets of what follows are others
                return *std::move(fault);
        } else if (rest.front() == '}' && !make_literal) { // headers had such values before they had variables
            return TemplateError{at, "this } closes nothing; a literal brace is written }}"};
        } else if (rest.front() != '{') {
            literal += rest.front();
            ++at;
        } else {
            const std::size_t end = rest.find_first_of("{}", 1);
            if (end == std::string_view::npos || rest[end] == '{')
                return TemplateError{at, "this { is not closed; a literal brace is written {{"};
            const auto placeholder = read_placeholder(rest.substr(1, end - 1), vars, vocabulary);
            if (!placeholder)
                return TemplateError{at, placeholder.error()};
            if (!end_literal())
                return *std::move(fault);
            made.has_variables_ = true;
            made.pieces_.push_back({placeholder->var.empty() ? Piece::Kind::variable : Piece::Kind::call_var,
                                    std::string(placeholder->var), placeholder->variable, placeholder->form});
            at += end + 1;
        }
    }
    if (!end_literal())
        return *std::move(fault);
    return made;
}

bool ValueTemplate::uses(Variable variable) const
{
    return std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
        return piece.kind == Piece::Kind::variable && piece.variable == variable;
    });
}

std::vector<std::string_view> ValueTemplate::literals() const
{
    std::vector<std::string_view> literals;
    for (const Piece& piece : pieces_)
        if (piece.kind == Piece::Kind::literal)
            literals.push_back(piece.text);
    return literals;
}

void ValueTemplate::expand(const VariableValues& values, Encoding encoding, std::string& out) const
{
    const auto append = [&](std::string_view value) {
        if (encoding == Encoding::header)
            append_header_value(out, value);
        else
            out += value;
    };
    for (const Piece& piece : pieces_) {
        if (piece.kind == Piece::Kind::literal)
            out += piece.text;
        else if (piece.kind == Piece::Kind::call_var)
            append(values.var(piece.text));
        else if (piece.form || values.is_sent_in_form(piece.variable))
            append(values.in_form(piece.variable, piece.form.value_or(values.send)));
        else
            append(values[piece.variable]);
    }
}

} // namespace dialhook
