#include "webhook/foreign_variable.hpp"

#include "base/ascii.hpp"

namespace dialhook {

std::optional<ForeignVariable> foreign_variable_at_start(std::string_view text, Vocabulary vocabulary)
{
    for (const std::string_view name : names_of(vocabulary)) {
        if (text.size() <= name.size() || text.substr(1, name.size()) != name)
            continue;
        const char after = text.size() > name.size() + 1 ? text[name.size() + 1] : '\0';
        const bool goes_on = ascii::is_alphanumeric(after) || after == '_';
        if (text.front() == '$' && !goes_on)
            return ForeignVariable{name.size() + 1, name};
        if ((text.front() == '%' && after == '%') || (text.front() == '<' && after == '>'))
            return ForeignVariable{name.size() + 2, name};
    }
    return std::nullopt;
}

} // namespace dialhook
