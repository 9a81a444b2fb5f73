#pragma once

#include "ctl/mock/mock_request.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dialhook::mock {

/// What a value must look like: `*` stands for any text, also none, `?` for one character (a byte), `\*`, `\?` and `\\`
/// for the character itself. The empty pattern is matched by an empty or absent value alone.
class Pattern
{
public:
    explicit Pattern(std::string text)
        : text_(std::move(text))
    {
    }
    [[nodiscard]] bool matches(std::string_view value) const;

private:
    std::string text_;
};

/// Text in which `{name}` stands for a parameter of the request (nothing, when it is absent) and `{{`, `}}` for braces.
class Template
{
public:
    /// Reads the text of a template. Returns nullopt when a brace is not closed or has no name in it.
    [[nodiscard]] static std::optional<Template> read(std::string_view text);
    [[nodiscard]] std::string filled_in(const MockRequest& request) const;
    /// Fills in as `filled_in` does, with the values of the parameters percent-encoded: for URLs.
    [[nodiscard]] std::string filled_in_encoded(const MockRequest& request) const;

private:
    struct Piece
    {
        std::string text;
        bool is_parameter;
    };
    std::vector<Piece> pieces_;
};

using Fields = std::vector<std::pair<std::string, Template>>;

/// JSON whose texts are templates.
using JsonTemplate = std::shared_ptr<const nlohmann::ordered_json>;

/// Answers with a response.
struct Respond
{
    unsigned status = 200;
    Fields headers;
    std::variant<std::string, Fields, JsonTemplate> body; ///< raw text, or keys and values to be form-encoded, or JSON
    std::optional<std::chrono::milliseconds> drip{};      ///< time between any two bytes of head and body
};
struct Hang ///< answers nothing, keeps the connection open
{
};
struct Close ///< closes the connection without a byte
{
};
struct Reset ///< breaks the connection (TCP RST) without a byte
{
};

struct Rule
{
    std::optional<Pattern> method;
    std::optional<Pattern> path;
    std::vector<std::pair<std::string, Pattern>> parameters;
    std::chrono::milliseconds delay{0};
    std::variant<Respond, Hang, Close, Reset> answer;

    [[nodiscard]] bool matches(const MockRequest& request) const;
};

/// In the order of the file: the first one that matches answers.
using ReplyRules = std::vector<Rule>;

/// Returns the rule for a request; the last resort, a 404 that says so, when none matches.
[[nodiscard]] const Rule& rule_for(const MockRequest& request, const ReplyRules& rules);

/// A response with everything filled in.
struct MockResponse
{
    unsigned status;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool is_json = false;
};
[[nodiscard]] MockResponse fill_in(const Respond& respond, const MockRequest& request);

/// Returns what the mock prints for a request, on one line, harmless for a terminal: `POST /crm did=%2B31 -> 200
/// status=ACK`.
[[nodiscard]] std::string log_line(const MockRequest& request, const Rule& rule);

} // namespace dialhook::mock
