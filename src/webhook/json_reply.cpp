#include "webhook/json_reply.hpp"

#include "base/json_quoted.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "webhook/json_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace dialhook {
namespace {

using Kind = JsonReader::Kind;

/// Those of the fields, and as many variables as a reply has.
constexpr std::size_t max_targets = static_cast<std::size_t>(ReplyField::variable) + Reply::max_variables;

/// What the members of a container are, besides what pointers lead to.
enum class Members : unsigned char
{
    unknown,
    top,       ///< those of the reply itself: variables, if nothing else
    variables, ///< each of them is a variable
    numbers    ///< the elements of a list of destinations
};

class JsonReplyReader
{
public:
    JsonReplyReader(std::string_view text, const ReplyOptions& options, ReplyReading* reading, ReplyParts& parts)
        : options_(options)
        , values_(options, reading, parts)
        , json_(text, ReplyOptions::max_depth)
    {
    }

    bool read();
    const JsonReader& json() const { return json_; }
    /// Returns whether it was JSON, though it may be no object.
    bool is_sound() { return json_.at_end(); }

private:
    /// What the value that comes next is.
    struct Found
    {
        bool is_target = false;                   ///< one target or several lead to it
        const ReplyTarget* only = nullptr;        ///< the target, if it is one alone
        bool leads_on = false;                    ///< other targets lead into it
        const ReplyTarget* destination = nullptr; ///< the target, if it is one of them
    };

    std::size_t entries(Kind kind, Members members, const ReplyTarget* list_of = nullptr);
    void entry(std::string_view name, bool is_element, Members members);
    Found match(std::string_view name, bool is_element);
    void leave();
    void take_container(const Found& found, Kind kind, std::string_view name, Members members);
    void take_scalar(const Found& found, std::string_view name, Members members);
    std::optional<JsonScalar> read_scalar();

    /// Returns which element of the list of destinations comes next, if it is `target` that led to the list.
    std::optional<std::size_t> place_in_list(const ReplyTarget& target) const
    {
        return list_of_ == &target ? std::optional(element_) : std::nullopt;
    }

    template <class Visit>
    void each_target_here(Visit visit) const
    {
        for (std::size_t index = 0; index < options_.targets.size(); ++index)
            if (matched_[index] == depth_ && options_.targets[index].pointer.size() == depth_)
                visit(options_.targets[index]);
    }

    const ReplyOptions& options_;
    JsonValues values_;
    JsonReader json_;
    Kind root_ = Kind::none;

    std::size_t depth_ = 0;                              ///< containers around the value that comes next
    std::array<std::uint8_t, max_targets> matched_ = {}; ///< how many tokens of each target lead to it
    const ReplyTarget* list_of_ = nullptr;               ///< of the destinations in the list that is being read
    std::size_t element_ = 0;                            ///< index in the innermost list
};

bool JsonReplyReader::read()
{
    root_ = json_.next();
    const bool is_expected = root_ == Kind::object || (root_ == Kind::array && options_.points_into_a_list);
    if (is_expected)
        entries(root_, root_ == Kind::object && !options_.has_own_variables ? Members::top : Members::unknown);
    else
        json_.skip();
    return !json_.failed() && json_.at_end() && is_expected;
}

/// Reads a container; returns how many entries it has.
std::size_t JsonReplyReader::entries(Kind kind, Members members, const ReplyTarget* list_of)
{
    if (!json_.enter())
        return 0;
    ++depth_;
    const ReplyTarget* const outer = std::exchange(list_of_, list_of);
    std::size_t count = 0;
    if (kind == Kind::object) {
        for (JsonString name; json_.more_members(name); ++count)
            entry(name.text, false, members);
    } else {
        for (; json_.more_elements(); ++count) {
            std::array<char, 20> digits{};
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr;
            element_ = count;
            entry({digits.data(), static_cast<std::size_t>(end - digits.data())}, true, members);
        }
    }
    list_of_ = outer;
    --depth_;
    return count;
}

void JsonReplyReader::entry(std::string_view name, bool is_element, Members members)
{
    const Found found = match(name, is_element);
    const Kind kind = json_.next();
    if (kind == Kind::object || kind == Kind::array)
        take_container(found, kind, name, members);
    else
        take_scalar(found, name, members);
    if (found.is_target || found.leads_on)
        leave();
}

/// Goes one token on in the targets that lead to the entry `name`.
JsonReplyReader::Found JsonReplyReader::match(std::string_view name, bool is_element)
{
    Found found;
    for (std::size_t index = 0; index < options_.targets.size(); ++index) {
        const ReplyTarget& target = options_.targets[index];
        if (matched_[index] != depth_ - 1 || target.pointer.size() < depth_)
            continue;
        const std::string& token = target.pointer[depth_ - 1];
        if (token.size() != name.size())
            continue;
        const bool is_it = target.in_any_case && !is_element ? text::equals_ignoring_case(token, name) : token == name;
        if (!is_it)
            continue;
        matched_[index] = static_cast<std::uint8_t>(depth_);
        if (target.pointer.size() > depth_) {
            found.leads_on = true;
            continue;
        }
        found.only = found.is_target ? nullptr : &target;
        found.is_target = true;
        if (target.field == ReplyField::destination)
            found.destination = &target;
    }
    return found;
}

void JsonReplyReader::leave()
{
    for (std::size_t index = 0; index < options_.targets.size(); ++index)
        if (matched_[index] == depth_)
            --matched_[index];
}

void JsonReplyReader::take_container(const Found& found, Kind kind, std::string_view name, Members members)
{
    const bool are_variables = members == Members::top && !found.is_target && kind == Kind::object &&
                               text::equals_ignoring_case(name, "variables");
    const bool is_in_list = members == Members::numbers;
    if (!found.is_target && !found.leads_on && !are_variables && !is_in_list) {
        json_.skip();
        return;
    }
    const std::size_t element = element_;
    const bool is_list = found.destination != nullptr && kind == Kind::array;
    const std::size_t count = is_list         ? entries(kind, Members::numbers, found.destination)
                              : are_variables ? entries(kind, Members::variables)
                                              : entries(kind, Members::unknown);
    element_ = element;
    if (count == 0 || json_.failed()) // an empty one is as if absent
        return;
    each_target_here([&](const ReplyTarget& target) {
        if (std::string* const word = values_.word_of(target.field); word != nullptr && word->empty())
            *word = "an object";
    });
    if (found.destination != nullptr && !is_list)
        values_.refuse_destination(*found.destination, place_in_list(*found.destination));
    if (is_in_list)
        values_.refuse_destination(*list_of_, element_);
}

void JsonReplyReader::take_scalar(const Found& found, std::string_view name, Members members)
{
    const auto scalar = read_scalar();
    if (!scalar)
        return;
    if (found.only != nullptr)
        values_.give(*found.only, *scalar, place_in_list(*found.only));
    else if (found.is_target)
        each_target_here([&](const ReplyTarget& target) { values_.give(target, *scalar, place_in_list(target)); });
    else if (members == Members::numbers)
        values_.give_destination(*list_of_, *scalar, element_);
    else if (members == Members::variables)
        values_.give_variable(name, *scalar, "/variables/", nullptr);
    else if (members == Members::top && !text::equals_ignoring_case(name, "variables"))
        values_.give_variable(name, *scalar, "/", nullptr);
}

/// Returns nullopt where there is none, and for null, which is as if absent.
std::optional<JsonScalar> JsonReplyReader::read_scalar()
{
    JsonScalar scalar{json_.next(), {}};
    const bool is_read =
        scalar.kind == Kind::string ? json_.read_string(scalar.string) : json_.read_raw(scalar.string.text);
    if (!is_read || scalar.is("null"))
        return std::nullopt;
    return scalar;
}

/// Returns `body` in UTF-8, each string by itself: a server joins what it has from several places.
std::string mended(std::string_view body)
{
    std::string text;
    while (!body.empty()) {
        const std::size_t size = std::min(body.front() == '"' ? quoted_size(body) : body.find('"'), body.size());
        const std::string_view piece = body.substr(0, size);
        const bool has_quotes = piece.size() > 1 && piece.front() == '"' && piece.back() == '"';
        if (has_quotes)
            text.append(1, '"').append(in_utf8(std::string(piece.substr(1, size - 2)))).append(1, '"');
        else
            text += in_utf8(std::string(piece));
        body.remove_prefix(size);
    }
    return text;
}

BadReply fault_in(std::string_view text, const JsonReader& json)
{
    const std::size_t position = std::min(json.position(), text.size());
    BadReply fault{json.is_too_deep() ? BadReply::Kind::deep_json : BadReply::Kind::broken_json};
    const std::string_view before = text.substr(0, position);
    fault.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::string_view line = before.substr(before.rfind('\n') + 1); // npos + 1 is the start
    fault.column = 1 + static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char byte) {
                       return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
                   }));
    if (position < text.size())
        fault.character = text::code_point_at(text, position);
    return fault;
}

} // namespace

std::optional<BadReply> read_json(std::string_view body, const ReplyOptions& options, ReplyReading* reading,
                                  ReplyParts& parts)
{
    std::string in_unicode;
    if (!text::is_utf8(body))
        body = in_unicode = mended(body);
    JsonReplyReader reader(body, options, reading, parts);
    if (reader.read())
        return std::nullopt;
    if (reader.is_sound())
        return BadReply{BadReply::Kind::no_object};
    return fault_in(body, reader.json());
}

} // namespace dialhook
