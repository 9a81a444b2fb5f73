#include "ctl/mock/mock_request.hpp"

#include "base/percent.hpp"
#include "base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dialhook::mock {
namespace {

using Parameters = decltype(MockRequest::parameters);

Parameters read_form(std::string_view form)
{
    Parameters parameters;
    while (!form.empty()) {
        const auto piece = form.substr(0, form.find('&'));
        form.remove_prefix(std::min(form.size(), piece.size() + 1));
        const auto equals = std::min(piece.find('='), piece.size());
        const auto value = piece.substr(std::min(piece.size(), equals + 1));
        if (!piece.empty())
            parameters.emplace(percent::decoded(piece.substr(0, equals), percent::Plus::is_space),
                               percent::decoded(value, percent::Plus::is_space));
    }
    return parameters;
}

Parameters read_json(std::string_view text)
{
    Parameters parameters;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object())
        return parameters;
    for (const auto& [name, value] : json.items())
        if (!value.is_null())
            parameters.emplace(name, value.is_string() ? value.get<std::string>() : value.dump());
    return parameters;
}

bool is_media_type(std::string_view content_type, std::string_view type)
{
    return text::equals_ignoring_case(text::trimmed(content_type.substr(0, content_type.find(';'))), type);
}

} // namespace

std::string_view MockRequest::parameter(std::string_view name) const
{
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view{} : found->second;
}

MockRequest read_request(std::string_view method, std::string_view target, std::string_view content_type,
                         std::string_view body)
{
    MockRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    const auto question = target.find('?');
    request.path = percent::decoded(target.substr(0, question), percent::Plus::stays);

    if (is_media_type(content_type, "application/x-www-form-urlencoded"))
        request.parameters = read_form(body);
    else if (is_media_type(content_type, "application/json"))
        request.parameters = read_json(body);
    if (question != std::string_view::npos)
        request.parameters.merge(read_form(target.substr(question + 1)));
    return request;
}

} // namespace dialhook::mock
