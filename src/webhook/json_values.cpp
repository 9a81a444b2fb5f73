#include "webhook/json_values.hpp"

#include "base/text.hpp"

#include <utility>

namespace dialhook {
namespace {

using Kind = JsonReader::Kind;

std::string without_lone_surrogates(const JsonString& string)
{
    std::string text(string.text);
    if (string.has_lone_surrogate)
        drop_lone_surrogates(text);
    return text;
}

/// Returns whether it is a number like 1.5. In a text a dot is one of those that people write between digits.
bool is_fraction(const JsonScalar& scalar)
{
    const std::string_view number = scalar.string.text;
    return scalar.kind == Kind::number && number.find('.') != number.npos && number.find_first_of("eE") == number.npos;
}

} // namespace

JsonValues::JsonValues(const ReplyOptions& options, ReplyReading* reading, ReplyParts& parts)
    : options_(options)
    , reading_(reading)
    , parts_(parts)
{
    if (!options_.targets.empty() && options_.targets.front().field == ReplyField::status)
        parts_.status_target = &options_.targets.front();
}

std::string* JsonValues::word_of(ReplyField field)
{
    switch (field) {
    case ReplyField::status:
        return &parts_.status;
    case ReplyField::strategy:
        return &parts_.ringing().strategy;
    case ReplyField::ring:
        return &parts_.ringing().ring;
    default:
        return nullptr;
    }
}

void JsonValues::give(const ReplyTarget& target, const JsonScalar& scalar, Element element)
{
    switch (target.field) {
    case ReplyField::status:
        return give_status(scalar);
    case ReplyField::destination:
        return give_destination(target, scalar, element);
    case ReplyField::callername:
        return give_callername(target, scalar);
    case ReplyField::strategy:
        return give_word(target, scalar, parts_.ringing().strategy);
    case ReplyField::ring:
        return give_word(target, scalar, parts_.ringing().ring);
    case ReplyField::variable:
        return give_variable(target.variable, scalar, {}, &target);
    }
}

void JsonValues::give_status(const JsonScalar& scalar)
{
    if (!parts_.status.empty())
        return;
    if (scalar.kind == Kind::literal)
        parts_.status = scalar.is("true") ? "ACK" : "NAK";
    else
        parts_.status = text::trimmed_of_marks(scalar.string.text);
    if (reading_ != nullptr && !parts_.status.empty())
        reading_->note(ReplyField::status, {}, parts_.status_target->place());
}

/// `false` is what programs have in the place of what they did not find.
void JsonValues::give_word(const ReplyTarget& target, const JsonScalar& scalar, std::string& word)
{
    if (!word.empty() || scalar.is("false"))
        return;
    word = text::trimmed_of_marks(scalar.string.text);
    if (reading_ != nullptr && !word.empty())
        reading_->note(target.field, {}, target.place());
}

void JsonValues::give_destination(const ReplyTarget& target, const JsonScalar& scalar, Element element)
{
    if (scalar.is("false"))
        return;
    if (scalar.kind == Kind::literal)
        return refuse_destination(target, element);
    const std::string_view content = without_blank_ends(scalar.string.text);
    if (!content.empty())
        add_destination(
            target,
            {.text = std::string(is_sip(content) ? content : scalar.string.text), .is_fraction = is_fraction(scalar)},
            element);
}

void JsonValues::refuse_destination(const ReplyTarget& target, Element element)
{
    add_destination(target, {.text = {}, .is_no_text = true}, element);
}

void JsonValues::add_destination(const ReplyTarget& target, WrittenDestination&& written, Element element)
{
    written.target = &target;
    written.element = element;
    const std::string place = reading_ == nullptr ? std::string() : written.place();
    if (parts_.add(std::move(written), options_) && reading_ != nullptr)
        reading_->note(ReplyField::destination, {}, place);
}

void JsonValues::give_callername(const ReplyTarget& target, const JsonScalar& scalar)
{
    if (!parts_.callername.empty() || scalar.kind == Kind::literal)
        return;
    parts_.callername = without_lone_surrogates(scalar.string);
    clean(parts_.callername, References::are_undone, Reply::max_callername);
    if (reading_ != nullptr && !parts_.callername.empty())
        reading_->note(ReplyField::callername, {}, target.place());
}

void JsonValues::give_variable(std::string_view name, const JsonScalar& scalar, std::string_view folder,
                               const ReplyTarget* target)
{
    if (!is_variable_name(name) || !parts_.has_room_for(name))
        return;
    std::string value = without_lone_surrogates(scalar.string);
    clean(value, References::stay, Reply::max_variable_value);
    if (value.empty())
        return;
    parts_.variables.emplace_back(name, std::move(value));
    if (reading_ != nullptr)
        reading_->note(ReplyField::variable, name,
                       target != nullptr ? target->place() : std::string(folder).append(name));
}

} // namespace dialhook
