#include "config/fields_section.hpp"

#include "config/doubled_variable.hpp"
#include "config/odd_text.hpp"

#include <optional>
#include <utility>

namespace dialhook::config {
namespace {

using Kind = BodyField::Kind;

/// What may stand between braces.
struct Known
{
    std::span<const std::string> vars;
    Vocabulary vocabulary;
};

std::vector<BodyField> read_members(const Value& value, const Known& known, std::size_t depth);

/// Returns nullopt after a fault.
std::optional<BodyField> read_member(const Value& value, const Known& known,
                                     std::size_t depth) // NOLINT(misc-no-recursion): `max_depth` bounds it
{
    warn_of_odd_key(value);
    BodyField field{.name = std::string(value.name())};
    if (value.kind() != NodeKind::scalar) {
        field.kind = value.kind() == NodeKind::list ? Kind::list : Kind::object;
        field.members = read_members(value, known, depth);
        return field;
    }
    const auto written = value.text("a text with variables, such as \"{callerid}\"");
    if (!written)
        return std::nullopt;
    auto text = ValueTemplate::parse(*written, known.vars, {}, known.vocabulary);
    if (!text) {
        value.fault_in_text(text.error().offset, text.error().message);
        return std::nullopt;
    }
    warn_of_foreign_variables(value, *written, known.vocabulary);
    warn_of_odd_text(value);
    field.text = *std::move(text);
    return field;
}

std::vector<BodyField> read_members(const Value& value, const Known& known,
                                    std::size_t depth) // NOLINT(misc-no-recursion): `max_depth` bounds it
{
    std::vector<BodyField> members;
    if (depth == BodyFields::max_depth) {
        value.fault("the fields are nested more than 16 levels deep");
        return members;
    }
    const auto add = [&](const Value& member) {
        if (auto field = read_member(member, known, depth + 1))
            members.push_back(*std::move(field));
    };
    if (value.kind() == NodeKind::list && depth > 0)
        value.each_item("a list", add);
    else
        value.each_entry(add);
    if (value.is_nothing() || value.is_empty_list() || (value.kind() == NodeKind::mapping && value.entries() == 0))
        value.fault("found no fields, expected at least one, such as { From: \"{callerid}\" }");
    return members;
}

} // namespace

BodyFields read_fields(const Value& value, std::span<const std::string> vars, Vocabulary vocabulary)
{
    return {read_members(value, {vars, vocabulary}, 0)};
}

void check_form_fields(const Value& value)
{
    value.each_entry([](const Value& field) {
        if (!field.is_scalar())
            field.fault("a form has no objects and lists; write `body: json` beside `fields`, or one text here");
    });
}

std::string_view fields_schema()
{
    return R"({"type":"object","minProperties":1,"additionalProperties":{"$ref":"#/definitions/field"}})";
}

} // namespace dialhook::config
