#include "webhook/variable.hpp"

#include "base/lookalike.hpp"
#include "base/spelling.hpp"

#include <algorithm>
#include <vector>

namespace dialhook {
namespace {

constexpr std::string_view var_prefix = "var.";

std::optional<std::size_t> place_in(std::span<const std::string_view> names, std::string_view name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt : std::optional<std::size_t>(found - names.begin());
}

std::optional<Variable> variable_of(std::string_view name, Vocabulary vocabulary)
{
    const auto names = names_of(vocabulary);
    const auto place = place_in(variable_names, name);
    if (!place || std::find(names.begin(), names.end(), name) == names.end())
        return std::nullopt;
    return static_cast<Variable>(*place);
}

std::string in_braces(std::string_view name)
{
    return "{" + std::string(name) + "}";
}

/// Returns `{a}, {b} and {c}`
std::string all_in_braces(std::span<const std::string_view> names)
{
    std::vector<std::string> written;
    for (const auto name : names)
        written.push_back(in_braces(name));
    const std::vector<std::string_view> views(written.begin(), written.end());
    return joined(views, "and");
}

std::string unknown(std::string_view written, std::span<const std::string> declared, Vocabulary vocabulary)
{
    // A name that is declared may have been written without its prefix.
    const bool has_prefix = written.starts_with(var_prefix);
    std::vector<std::string_view> known(declared.begin(), declared.end());
    const auto near_var = nearest(written.substr(has_prefix ? var_prefix.size() : 0), known);
    const auto own = names_of(vocabulary);
    const auto near_own = has_prefix ? std::string_view() : nearest(written, own);

    const std::string fault = "unknown variable " + in_braces(written);
    if (const auto odd = first_lookalike(written))
        return fault + "; there is " + name_of(*odd) + " in it: " + remedy(*odd);
    if (!near_own.empty())
        return fault + "; did you mean " + in_braces(near_own) + "?";
    if (!near_var.empty())
        return fault + "; did you mean {" + std::string(var_prefix) + std::string(near_var) + "}?";
    if (has_prefix && is_var_name(written.substr(var_prefix.size())))
        return fault + "; declare its name at the top of the main file, vars: [" +
               std::string(written.substr(var_prefix.size())) + "]";
    return fault + "; there are " + all_in_braces(own) + ", and {var.NAME} for the names under `vars`";
}

} // namespace

std::string VariableValues::in_form(Variable variable, NumberForm form) const
{
    const std::string_view value = (*this)[variable];
    return numbers == nullptr ? Numbers().in_form(value, form) : numbers->in_form(value, form);
}

std::string_view VariableValues::var(std::string_view name) const
{
    if (vars == nullptr)
        return {};
    const auto found = std::find_if(vars->begin(), vars->end(), [&](const CallVar& var) { return var.name == name; });
    return found == vars->end() ? std::string_view() : std::string_view(found->value);
}

boost::system::result<Placeholder, std::string>
read_placeholder(std::string_view written, std::span<const std::string> declared, Vocabulary vocabulary)
{
    if (written.starts_with(var_prefix)) {
        const std::string_view name = written.substr(var_prefix.size());
        if (std::find(declared.begin(), declared.end(), name) == declared.end())
            return unknown(written, declared, vocabulary);
        return Placeholder{.var = name};
    }
    const std::string_view name = written.substr(0, written.find(':'));
    const auto variable = variable_of(name, vocabulary);
    if (!variable)
        return unknown(name, declared, vocabulary);
    Placeholder placeholder{.variable = *variable};
    if (name.size() == written.size())
        return placeholder;

    const std::string_view form = written.substr(name.size() + 1);
    if (!is_number(placeholder.variable))
        return in_braces(name) + " has no forms; only {did} and {callerid} have them";
    const auto known = place_in(number_form_names, form);
    if (!known) {
        const auto hint = did_you_mean(form, number_form_names);
        return "unknown form \"" + std::string(form) + "\" of " + in_braces(name) +
               (hint.empty() ? "; there are " + joined(number_form_names, "and") : hint);
    }
    placeholder.form = static_cast<NumberForm>(*known);
    return placeholder;
}

} // namespace dialhook
