#include "ctl/mock/rules.hpp"

#include "base/ascii.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"
#include "ctl/terminal.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dialhook::mock {
namespace {

/// A body that a log line shows; more than that is cut.
constexpr std::size_t max_shown = 300;

/// Texts in UTF-8, for a parameter of a request may hold any bytes.
nlohmann::ordered_json filled_in(nlohmann::ordered_json json, const MockRequest& request)
{
    if (json.is_structured())
        for (auto& item : json)
            item = filled_in(std::move(item), request);
    else if (json.is_string())
        if (const auto text = Template::read(json.get_ref<const std::string&>()))
            json = text::utf8_or_windows_1252(text->filled_in(request));
    return json;
}

bool is_name(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return ascii::is_alphanumeric(c) || c == '_' || c == '-'; });
}

std::string shown(std::string_view text)
{
    return ctl::harmless(text.substr(0, max_shown)) + (text.size() > max_shown ? "…" : "");
}

std::string description(const Respond& respond, const MockRequest& request)
{
    const MockResponse response = fill_in(respond, request);
    std::string text = std::to_string(response.status);
    for (const auto& [name, value] : response.headers)
        text += ' ' + ctl::harmless(name) + ": " + ctl::harmless(value);
    if (!response.body.empty())
        text += ' ' + shown(response.body);
    if (respond.drip)
        text += " (a byte every " + std::to_string(respond.drip->count()) + " ms)";
    return text;
}
std::string description(const Hang&, const MockRequest&)
{
    return "hangs";
}
std::string description(const Close&, const MockRequest&)
{
    return "closes";
}
std::string description(const Reset&, const MockRequest&)
{
    return "resets";
}

} // namespace

bool Pattern::matches(std::string_view value) const
{
    // The usual greedy walk: on a mismatch the last star swallows one character more.
    const std::string_view pattern = text_;
    std::size_t p = 0;
    std::size_t v = 0;
    std::optional<std::size_t> star;
    std::size_t swallowed = 0;
    while (v < value.size()) {
        const bool is_escape = p + 1 < pattern.size() && pattern[p] == '\\';
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            swallowed = v;
        } else if (is_escape && pattern[p + 1] == value[v]) {
            p += 2;
            ++v;
        } else if (p < pattern.size() && !is_escape && (pattern[p] == '?' || pattern[p] == value[v])) {
            ++p;
            ++v;
        } else if (star) {
            p = *star + 1;
            v = ++swallowed;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::optional<Template> Template::read(std::string_view text)
{
    Template result;
    const auto add_literal = [&result](char c) {
        if (result.pieces_.empty() || result.pieces_.back().is_parameter)
            result.pieces_.push_back({{}, false});
        result.pieces_.back().text += c;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_brace = text[i] == '{' || text[i] == '}';
        if (is_brace && i + 1 < text.size() && text[i + 1] == text[i]) {
            add_literal(text[i++]);
        } else if (text[i] == '{') {
            const auto end = text.find('}', i);
            if (end == std::string_view::npos || !is_name(text.substr(i + 1, end - i - 1)))
                return std::nullopt;
            result.pieces_.push_back({std::string(text.substr(i + 1, end - i - 1)), true});
            i = end;
        } else if (text[i] == '}') {
            return std::nullopt;
        } else {
            add_literal(text[i]);
        }
    }
    return result;
}

std::string Template::filled_in(const MockRequest& request) const
{
    std::string text;
    for (const Piece& piece : pieces_)
        text += piece.is_parameter ? request.parameter(piece.text) : std::string_view(piece.text);
    return text;
}

std::string Template::filled_in_encoded(const MockRequest& request) const
{
    std::string text;
    for (const Piece& piece : pieces_) {
        if (piece.is_parameter)
            percent::append_encoded(text, request.parameter(piece.text));
        else
            text += piece.text;
    }
    return text;
}

bool Rule::matches(const MockRequest& request) const
{
    return (!method || method->matches(request.method)) && (!path || path->matches(request.path)) &&
           std::all_of(parameters.begin(), parameters.end(), [&request](const auto& condition) {
               return condition.second.matches(request.parameter(condition.first));
           });
}

const Rule& rule_for(const MockRequest& request, const ReplyRules& rules)
{
    static const Rule none{{}, {}, {}, {}, Respond{404, {}, "no rule of the mock matches this request\n"}};
    const auto found =
        std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.matches(request); });
    return found == rules.end() ? none : *found;
}

MockResponse fill_in(const Respond& respond, const MockRequest& request)
{
    MockResponse response{respond.status, {}, {}, false};
    for (const auto& [name, value] : respond.headers)
        response.headers.emplace_back(name, value.filled_in_encoded(request));
    if (const auto* raw = std::get_if<std::string>(&respond.body)) {
        response.body = *raw;
        return response;
    }
    if (const auto* json = std::get_if<JsonTemplate>(&respond.body)) {
        response.body = filled_in(**json, request).dump();
        response.is_json = true;
        return response;
    }
    for (const auto& [key, value] : std::get<Fields>(respond.body)) {
        if (!response.body.empty())
            response.body += '&';
        percent::append_encoded(response.body, key);
        response.body += '=';
        percent::append_encoded(response.body, value.filled_in(request));
    }
    return response;
}

std::string log_line(const MockRequest& request, const Rule& rule)
{
    std::string line = ctl::harmless(request.method) + ' ' + shown(request.target);
    if (!request.body.empty())
        line += ' ' + shown(request.body);
    line += " -> " + std::visit([&request](const auto& answer) { return description(answer, request); }, rule.answer);
    if (rule.delay.count() > 0)
        line += " after " + std::to_string(rule.delay.count()) + " ms";
    return line;
}

} // namespace dialhook::mock
