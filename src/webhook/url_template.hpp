#pragma once

#include "webhook/origin.hpp"
#include "webhook/variable.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

/// Why a text is no URL template, and where in it.
struct TemplateError
{
    std::size_t offset; ///< in bytes from the start of the text
    std::string message;
};

/// The URL of a webhook, compiled once into literal pieces and variables, expanded for each dispatch into one buffer.
///
/// Variables stand in path and query alone, so origin and credentials are fixed when the configuration is read and a
/// caller can change neither where a request goes nor its structure: each value is percent-encoded as a component
/// (RFC 3986: unreserved characters stay, every other byte becomes `%XX`), and a whole path segment `.` or `..` never
/// comes from a value. docs/webhook-authors.md has the rules with examples.
class UrlTemplate
{
public:
    /// Compiles `text`. http and https only. A fragment is dropped, since it is never sent. `vars` are the names that
    /// may follow `var.`.
    static boost::system::result<UrlTemplate, TemplateError> parse(std::string_view text,
                                                                   std::span<const std::string> vars = {});

    const Origin& origin() const { return origin_; }

    /// Returns the value of the Authorization header that user info in the URL asks for (RFC 7617), or empty.
    const std::string& authorization() const { return authorization_; }

    /// Returns whether the template holds `variable`.
    bool uses(Variable variable) const;

    /// Appends the request target (path and query as sent) to `out`.
    void expand(const VariableValues& values, std::string& out) const;

    /// It is expanded soon.
    void fetch_ahead() const;

    /// Returns the template as written, with user info replaced by `***`: for logs and lists.
    const std::string& shown() const { return shown_; }

    /// Returns whether both were compiled from equal texts, but for how the same is written.
    bool operator==(const UrlTemplate&) const = default;

private:
    enum class PieceKind : unsigned char
    {
        literal,
        variable,
        number,   ///< a variable in a form of its own, which `end` holds
        call_var, ///< its name runs to `end`, like a literal
        segment_begin,
        segment_end
    };

    /// A literal runs from where the one before it ended to `end`, in `literals_`. The segment marks stand around each
    /// path segment that holds a variable.
    struct Piece
    {
        PieceKind kind;
        Variable variable;
        std::uint32_t end;

        bool operator==(const Piece&) const = default;
    };

    /// Where a path segment with variables started while it is expanded.
    struct SegmentStart
    {
        std::size_t in_output;
        std::size_t piece;
        std::uint32_t literal;
    };

    /// Rewrites a segment that came out as `.` or `..` from its literal text alone.
    void leave_values_out(const SegmentStart& segment, std::size_t end_piece, std::string& out) const;

    friend class TemplateCompiler;

    Origin origin_;
    std::string authorization_;
    std::string shown_;
    std::string literals_;
    std::vector<Piece> pieces_;
};

} // namespace dialhook
