#pragma once

#include "webhook/url_template.hpp"
#include "webhook/variable.hpp"

#include <boost/system/result.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

/// A text with variables in it, other than a URL: the value of a header or of a field of a body. Compiled once.
class ValueTemplate
{
public:
    /// What becomes of a piece of literal text, whose first byte stands at `offset` of the template.
    using MakeLiteral =
        std::function<boost::system::result<std::string, TemplateError>(std::string_view text, std::size_t offset)>;

    /// Compiles `text`, with the variables of `vocabulary`; `vars` are the names that may follow `var.`. With
    /// `make_literal`, `${…}` and `$${…}` are literal text, which is handed to it piece by piece.
    static boost::system::result<ValueTemplate, TemplateError> parse(std::string_view text,
                                                                     std::span<const std::string> vars = {},
                                                                     const MakeLiteral& make_literal = {},
                                                                     Vocabulary vocabulary = Vocabulary::call);

    bool has_variables() const { return has_variables_; }

    /// Returns whether the template holds `variable`.
    bool uses(Variable variable) const;

    /// Returns the literal pieces, in their order.
    std::vector<std::string_view> literals() const;

    enum class Encoding : unsigned char
    {
        none,
        header ///< of each value what is not printable ASCII is percent-encoded, so that it stays in its line
    };

    void expand(const VariableValues& values, Encoding encoding, std::string& out) const;

    /// Returns whether nothing would be sent but what empty variables leave: the template has no text of its own.
    bool is_left_out(std::string_view expanded) const { return expanded.empty() && has_variables_; }

    bool operator==(const ValueTemplate&) const = default;

private:
    struct Piece
    {
        enum class Kind : unsigned char
        {
            literal,
            variable,
            call_var
        };

        Kind kind;
        std::string text; ///< of a literal, or the name of a `{var.NAME}`
        Variable variable = Variable::code;
        std::optional<NumberForm> form = {};

        bool operator==(const Piece&) const = default;
    };

    std::vector<Piece> pieces_;
    bool has_variables_ = false;
};

} // namespace dialhook
