#include "webhook/json_reply.hpp"

#include "base/json_quoted.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"

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

constexpr std::string_view replacement_character = "\uFFFD";

/// Drops what stands for lone surrogates: half a character, where a name was cut.
std::string without_lone_surrogates(const JsonString& string)
{
    std::string text(string.text);
    if (string.has_lone_surrogate)
        for (auto at = text.find(replacement_character); at != text.npos; at = text.find(replacement_character, at))
            text.erase(at, replacement_character.size());
    return text;
}

/// A value that is neither a list nor an object.
struct Scalar
{
    Kind kind;
    JsonString string; ///< its text as it was written

    bool is(std::string_view literal) const { return kind == Kind::literal && string.text == literal; }
};

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
        , reading_(reading)
        , parts_(parts)
        , json_(text, ReplyOptions::max_depth)
    {
    }

    bool read();
    const JsonReader& json() const { return json_; }
    /// Whether it was JSON, though it may be no object.
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
    std::string* word_of(ReplyField field);
    void take_scalar(const Found& found, std::string_view name, Members members);
    std::optional<Scalar> read_scalar();
    void give(const ReplyTarget& target, const Scalar& scalar);
    void give_status(const Scalar& scalar);
    void give_word(const ReplyTarget& target, const Scalar& scalar, std::string& word);
    void give_destination(const ReplyTarget& target, const Scalar& scalar);
    void refuse_destination(const ReplyTarget& target);
    void add_destination(const ReplyTarget& target, WrittenDestination&& written);
    void give_callername(const ReplyTarget& target, const Scalar& scalar);
    void give_variable(std::string_view name, const Scalar& scalar, std::string_view folder, const ReplyTarget* target);

    template <class Visit>
    void each_target_here(Visit visit) const
    {
        for (std::size_t index = 0; index < options_.targets.size(); ++index)
            if (matched_[index] == depth_ && options_.targets[index].pointer.size() == depth_)
                visit(options_.targets[index]);
    }

    const ReplyOptions& options_;
    ReplyReading* reading_;
    ReplyParts& parts_;
    JsonReader json_;
    Kind root_ = Kind::none;

    std::size_t depth_ = 0;                              ///< containers around the value that comes next
    std::array<std::uint8_t, max_targets> matched_ = {}; ///< how many tokens of each target lead to it
    const ReplyTarget* list_of_ = nullptr;               ///< of the destinations in the list that is being read
    std::size_t element_ = 0;                            ///< index in the innermost list
};

bool JsonReplyReader::read()
{
    if (!options_.targets.empty() && options_.targets.front().field == ReplyField::status)
        parts_.status_target = &options_.targets.front();
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
        if (std::string* const word = word_of(target.field); word != nullptr && word->empty())
            *word = "an object";
    });
    if (found.destination != nullptr && !is_list)
        refuse_destination(*found.destination);
    if (is_in_list)
        refuse_destination(*list_of_);
}

/// The text of a field that is one word.
std::string* JsonReplyReader::word_of(ReplyField field)
{
    switch (field) {
    case ReplyField::status:
        return &parts_.status;
    case ReplyField::strategy:
        return &parts_.ringing().strategy;
    case ReplyField::ring:
        return &parts_.ringing().ring;
    default:
        return nullptr;
    }
}

void JsonReplyReader::take_scalar(const Found& found, std::string_view name, Members members)
{
    const auto scalar = read_scalar();
    if (!scalar)
        return;
    if (found.only != nullptr)
        give(*found.only, *scalar);
    else if (found.is_target)
        each_target_here([&](const ReplyTarget& target) { give(target, *scalar); });
    else if (members == Members::numbers)
        give_destination(*list_of_, *scalar);
    else if (members == Members::variables)
        give_variable(name, *scalar, "/variables/", nullptr);
    else if (members == Members::top && !text::equals_ignoring_case(name, "variables"))
        give_variable(name, *scalar, "/", nullptr);
}

/// nullopt where there is none, and for null, which is as if absent.
std::optional<Scalar> JsonReplyReader::read_scalar()
{
    Scalar scalar{json_.next(), {}};
    const bool is_read =
        scalar.kind == Kind::string ? json_.read_string(scalar.string) : json_.read_raw(scalar.string.text);
    if (!is_read || scalar.is("null"))
        return std::nullopt;
    return scalar;
}

void JsonReplyReader::give(const ReplyTarget& target, const Scalar& scalar)
{
    switch (target.field) {
    case ReplyField::status:
        return give_status(scalar);
    case ReplyField::destination:
        return give_destination(target, scalar);
    case ReplyField::callername:
        return give_callername(target, scalar);
    case ReplyField::strategy:
        return give_word(target, scalar, parts_.ringing().strategy);
    case ReplyField::ring:
        return give_word(target, scalar, parts_.ringing().ring);
    case ReplyField::variable:
        return give_variable(target.variable, scalar, {}, &target);
    }
}

void JsonReplyReader::give_status(const Scalar& scalar)
{
    if (!parts_.status.empty())
        return;
    if (scalar.kind == Kind::literal)
        parts_.status = scalar.is("true") ? "ACK" : "NAK";
    else
        parts_.status = text::trimmed_of_marks(scalar.string.text);
    if (reading_ != nullptr && !parts_.status.empty())
        reading_->note(ReplyField::status, {}, parts_.status_target->place());
}

/// `false` is what programs have in the place of what they did not find.
void JsonReplyReader::give_word(const ReplyTarget& target, const Scalar& scalar, std::string& word)
{
    if (!word.empty() || scalar.is("false"))
        return;
    word = text::trimmed_of_marks(scalar.string.text);
    if (reading_ != nullptr && !word.empty())
        reading_->note(target.field, {}, target.place());
}

void JsonReplyReader::give_destination(const ReplyTarget& target, const Scalar& scalar)
{
    if (scalar.is("false"))
        return;
    if (scalar.kind == Kind::literal)
        return refuse_destination(target);
    const std::string_view content = without_blank_ends(scalar.string.text);
    if (!content.empty())
        add_destination(target, {.text = std::string(is_sip(content) ? content : scalar.string.text)});
}

void JsonReplyReader::refuse_destination(const ReplyTarget& target)
{
    add_destination(target, {.text = {}, .is_no_text = true});
}

void JsonReplyReader::add_destination(const ReplyTarget& target, WrittenDestination&& written)
{
    written.target = &target;
    if (list_of_ == &target)
        written.element = element_;
    const std::string place = reading_ == nullptr ? std::string() : written.place();
    if (parts_.add(std::move(written), options_) && reading_ != nullptr)
        reading_->note(ReplyField::destination, {}, place);
}

void JsonReplyReader::give_callername(const ReplyTarget& target, const Scalar& scalar)
{
    if (!parts_.callername.empty() || scalar.kind == Kind::literal)
        return;
    parts_.callername = without_lone_surrogates(scalar.string);
    clean(parts_.callername, References::are_undone, Reply::max_callername);
    if (reading_ != nullptr && !parts_.callername.empty())
        reading_->note(ReplyField::callername, {}, target.place());
}

/// It stands in `folder`, or where `target` leads to.
void JsonReplyReader::give_variable(std::string_view name, const Scalar& scalar, std::string_view folder,
                                    const ReplyTarget* target)
{
    if (!is_variable_name(name) || !parts_.has_room_for(name))
        return;
    std::string value = without_lone_surrogates(scalar.string);
    clean(value, References::stay, Reply::max_variable_value);
    if (value.empty())
        return;
    parts_.variables.emplace_back(name, std::move(value));
    if (reading_ != nullptr)
        reading_->note(ReplyField::variable, name,
                       target != nullptr ? target->place() : std::string(folder).append(name));
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
