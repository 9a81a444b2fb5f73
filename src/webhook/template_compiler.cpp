#include "webhook/template_compiler.hpp"

#include "base/ascii.hpp"
#include "base/lookalike.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"
#include "webhook/authority.hpp"
#include "webhook/foreign_variable.hpp"

#include <algorithm>

namespace dialhook {
namespace {

constexpr std::size_t max_url_template = 16384;

bool may_stand_in_target(char byte)
{
    return ascii::is_alphanumeric(byte) || std::string_view("-._~!$&'()*+,;=:@/?").find(byte) != std::string_view::npos;
}

bool is_blank_or_control(char byte)
{
    return static_cast<unsigned char>(byte) <= 0x20 || byte == 0x7F;
}

/// Returns `{did}` at the start of `text`, as far as it goes: to be named in an error.
std::string variable_text(std::string_view text)
{
    return std::string(text.substr(0, std::min(text.find('}'), text.size() - 1) + 1));
}

/// `written` is how another program writes the variable `name`.
std::string foreign_variable(std::string_view written, std::string_view name)
{
    const std::string_view encoded = written.front() == '$' ? "%24" : written.front() == '%' ? "%25" : "%3C";
    return "found " + std::string(written) + ", but a variable is written {" + std::string(name) + "}; write " +
           std::string(encoded) + " for a " + std::string(1, written.front()) + " that is meant as such";
}

/// Returns `; there is U+0435 (…) in it, …` of a letter that looks like one of ASCII and stands beside one in the host;
/// a host in another script is no such mistake. What is before the @ is secret.
std::string lookalike_in_host(std::string_view authority)
{
    const std::string_view host = authority.substr(authority.rfind('@') + 1);
    const auto is_ascii_letter = [host](std::size_t at) {
        return at < host.size() && ascii::is_alphanumeric(host[at]);
    };
    for (auto found = first_lookalike(host); found; found = first_lookalike(host, found->offset + found->size))
        if (!found->name.empty() &&
            (is_ascii_letter(found->offset - 1) || is_ascii_letter(found->offset + found->size)))
            return "; there is " + name_of(*found) + " in it: " + remedy(*found);
    return {};
}

} // namespace

boost::system::result<UrlTemplate, TemplateError> TemplateCompiler::compile()
{
    if (text_.size() > max_url_template)
        return TemplateError{max_url_template, "the URL is longer than 16384 bytes"};
    const auto* const blank = std::find_if(text_.begin(), text_.end(), is_blank_or_control);
    if (blank != text_.end() && (*blank == '\n' || text_.find('\n') != std::string_view::npos))
        return TemplateError{static_cast<std::size_t>(blank - text_.begin()),
                             "this URL ends in a line end, or spans several lines; write it in one line, without > "
                             "or |, in quotes if need be"};
    if (blank != text_.end())
        return TemplateError{
            static_cast<std::size_t>(blank - text_.begin()),
            "a URL has no white space or control characters; write it in one line, and a space in it as %20"};

    if (Error error = find_lookalike())
        return *std::move(error);

    for (const auto step : {&TemplateCompiler::read_scheme, &TemplateCompiler::read_authority,
                            &TemplateCompiler::read_target, &TemplateCompiler::check_fragment})
        if (Error error = (this->*step)())
            return *std::move(error);
    result_.pieces_.shrink_to_fit();
    result_.literals_.shrink_to_fit();
    return std::move(result_);
}

/// Blanks and marks that are no ASCII would be sent as they are, and quotes at the ends are no quotes to YAML.
TemplateCompiler::Error TemplateCompiler::find_lookalike() const
{
    for (auto found = first_lookalike(text_); found; found = first_lookalike(text_, found->offset + found->size)) {
        const bool is_quote = found->meant == "\"" || found->meant == "'";
        const bool at_an_end = found->offset == 0 || found->offset + found->size == text_.size();
        if (found->is_blank_or_invisible || (is_quote && at_an_end))
            return error_at(found->offset, "this URL has " + name_of(*found) + " in it: " + remedy(*found));
    }
    return std::nullopt;
}

TemplateCompiler::Error TemplateCompiler::read_scheme()
{
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!text::equals_ignoring_case(text_.substr(0, scheme.size()), scheme))
            continue;
        https_ = scheme.size() == 8;
        position_ = scheme.size();
        result_.shown_ = scheme;
        return std::nullopt;
    }
    const std::size_t scheme = text_.find("://");
    const bool names_a_scheme =
        scheme != std::string_view::npos && text_.substr(0, scheme).find_first_of("/?#@") == std::string_view::npos;
    return error_at(
        0, "a URL starts with http:// or https://" +
               (names_a_scheme ? ", not with " + std::string(text_.substr(0, scheme)) + "://" : std::string()));
}

TemplateCompiler::Error TemplateCompiler::read_authority()
{
    const std::size_t end = std::min(text_.find_first_of("/?#", position_), text_.size());
    const std::string_view authority = text_.substr(position_, end - position_);
    if (const std::size_t brace = authority.find_first_of("{}"); brace != std::string_view::npos)
        return error_at(position_ + brace, variable_text(authority.substr(brace)) +
                                               " is before the path; variables belong in path and query only: a caller "
                                               "must not be able to choose where a request goes");

    auto read = dialhook::read_authority(https_, authority);
    if (!read)
        return error_at(position_,
                        "the part after " + result_.shown_ + " " + read.error().message + lookalike_in_host(authority));

    result_.origin_ = std::move(read->origin);
    result_.authorization_ = std::move(read->authorization);
    result_.shown_ += (result_.authorization_.empty() ? "" : "***@") + result_.origin_.authority();
    result_.shown_ += text_.substr(end);
    position_ = end;
    return std::nullopt;
}

TemplateCompiler::Error TemplateCompiler::read_target()
{
    const bool has_path = position_ < text_.size() && text_[position_] == '/';
    if (!has_path)
        result_.literals_ += '/';
    segment_literal_start_ = result_.literals_.size();

    while (position_ < text_.size() && text_[position_] != '#') {
        Error error;
        if (text_[position_] == '{')
            error = read_variable();
        else if (text_[position_] == '}')
            error = read_closing_brace();
        else if (error = check_foreign_variable(); !error)
            read_literal_byte();
        if (error)
            return error;
    }
    end_segment();
    end_literal();
    return std::nullopt;
}

TemplateCompiler::Error TemplateCompiler::read_variable()
{
    if (text_.substr(position_).starts_with("{{")) {
        result_.literals_ += "%7B";
        position_ += 2;
        return std::nullopt;
    }
    const std::size_t end = text_.find_first_of("{}", position_ + 1);
    if (end == std::string_view::npos || text_[end] == '{')
        return error_at(position_, "this { is not closed; a literal brace is written {{");

    const std::string_view name = text_.substr(position_ + 1, end - position_ - 1);
    const auto placeholder = read_placeholder(name, vars_);
    if (const char before = text_[position_ - 1]; placeholder && (before == '$' || before == '%'))
        return error_at(position_ - 1, foreign_variable(text_.substr(position_ - 1, end - position_ + 2), name));
    if (!placeholder)
        return error_at(position_, placeholder.error());
    add_variable(*placeholder);
    position_ = end + 1;
    return std::nullopt;
}

/// `$did`, `%did%` and `<did>` are how others write a variable; as plain text they are never meant.
TemplateCompiler::Error TemplateCompiler::check_foreign_variable() const
{
    const auto found = foreign_variable_at_start(text_.substr(position_), Vocabulary::call);
    if (!found)
        return std::nullopt;
    return error_at(position_, foreign_variable(text_.substr(position_, found->size), found->name));
}

TemplateCompiler::Error TemplateCompiler::read_closing_brace()
{
    if (!text_.substr(position_).starts_with("}}"))
        return error_at(position_, "this } closes nothing; a literal brace is written }}");
    result_.literals_ += "%7D";
    position_ += 2;
    return std::nullopt;
}

void TemplateCompiler::read_literal_byte()
{
    const char byte = text_[position_];
    const bool ends_segment = !in_query_ && (byte == '/' || byte == '?');
    if (ends_segment)
        end_segment();

    if (may_stand_in_target(byte) || percent::is_escape(text_, position_))
        result_.literals_ += byte;
    else
        percent::append_encoded(result_.literals_, text_.substr(position_, 1));
    ++position_;

    in_query_ = in_query_ || byte == '?';
    if (ends_segment)
        segment_literal_start_ = result_.literals_.size();
}

TemplateCompiler::Error TemplateCompiler::check_fragment()
{
    const std::size_t brace = text_.find_first_of("{}", position_);
    if (brace == std::string_view::npos)
        return std::nullopt;
    return error_at(brace, variable_text(text_.substr(brace)) + " is in the fragment, which is never sent");
}

void TemplateCompiler::add_variable(const Placeholder& placeholder)
{
    if (!in_query_ && !segment_has_variable_)
        begin_segment_before_first_variable();
    end_literal();
    const Variable variable = placeholder.variable;
    if (placeholder.form) {
        result_.pieces_.push_back(
            {UrlTemplate::PieceKind::number, variable, static_cast<std::uint32_t>(*placeholder.form)});
    } else if (placeholder.var.empty()) {
        result_.pieces_.push_back({UrlTemplate::PieceKind::variable, variable, 0});
    } else {
        result_.literals_ += placeholder.var;
        literal_end_ = result_.literals_.size();
        result_.pieces_.push_back({UrlTemplate::PieceKind::call_var, {}, static_cast<std::uint32_t>(literal_end_)});
    }
}

/// The literal text that was read so far belongs to earlier segments up to `segment_literal_start_`, and to this one
/// after it: it becomes two pieces with the mark between them.
void TemplateCompiler::begin_segment_before_first_variable()
{
    end_literal_at(segment_literal_start_);
    result_.pieces_.push_back({UrlTemplate::PieceKind::segment_begin, {}, 0});
    segment_has_variable_ = true;
}

void TemplateCompiler::end_segment()
{
    if (!segment_has_variable_)
        return;
    end_literal();
    result_.pieces_.push_back({UrlTemplate::PieceKind::segment_end, {}, 0});
    segment_has_variable_ = false;
}

void TemplateCompiler::end_literal()
{
    end_literal_at(result_.literals_.size());
}

void TemplateCompiler::end_literal_at(std::size_t end)
{
    if (end == literal_end_)
        return;
    literal_end_ = end;
    result_.pieces_.push_back({UrlTemplate::PieceKind::literal, {}, static_cast<std::uint32_t>(end)});
}

} // namespace dialhook
