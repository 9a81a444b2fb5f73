#pragma once

#include "webhook/url_template.hpp"

#include <optional>

namespace dialhook {

/// Turns the text of a URL template into its pieces, left to right, once.
class TemplateCompiler
{
public:
    TemplateCompiler(std::string_view text, std::span<const std::string> vars)
        : text_(text)
        , vars_(vars)
    {
    }

    boost::system::result<UrlTemplate, TemplateError> compile();

private:
    using Error = std::optional<TemplateError>;

    Error find_lookalike() const;
    Error read_scheme();
    Error read_authority();
    Error read_target();
    Error read_variable();
    Error check_foreign_variable() const;
    Error read_closing_brace();
    Error check_fragment();
    void read_literal_byte();

    Error error_at(std::size_t offset, std::string message) const { return TemplateError{offset, std::move(message)}; }
    void add_variable(const Placeholder& placeholder);
    void end_literal();
    void end_literal_at(std::size_t end);
    void end_segment();
    void begin_segment_before_first_variable();

    std::string_view text_;
    std::span<const std::string> vars_; ///< the names that may follow `var.`
    std::size_t position_ = 0;
    bool https_ = false;
    bool in_query_ = false;
    bool segment_has_variable_ = false;
    std::size_t literal_end_ = 0;           ///< in the literals: where the last literal piece ended
    std::size_t segment_literal_start_ = 0; ///< in the literals: where the path segment that is being read starts
    UrlTemplate result_;
};

} // namespace dialhook
