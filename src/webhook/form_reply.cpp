#include "webhook/form_reply.hpp"

#include "base/character_references.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace dialhook {
namespace {

/// A raw space shows that the text was not form-encoded, so its plus signs are not either.
std::string decoded_text(std::string_view raw)
{
    const bool has_raw_space = raw.find('+') != std::string_view::npos && text::trimmed(raw).find(' ') != raw.npos;
    return percent::decoded(raw, has_raw_space ? percent::Plus::stays : percent::Plus::is_space);
}

/// Decodes a number. A raw `+` before its first digit is a plus, unless an encoded one follows, and all other ones are
/// the spaces that form encoding makes of them.
std::string decoded_number(std::string_view raw)
{
    std::string number;
    std::size_t raw_plus = std::string::npos; // where a raw + was taken for a plus
    bool is_begun = false;
    while (!raw.empty()) {
        const std::size_t size = percent::is_escape(raw, 0) ? 3 : 1;
        std::string byte = percent::decoded(raw.substr(0, size), percent::Plus::stays);
        const bool is_raw_plus = size == 1 && byte == "+";
        if (is_raw_plus && (is_begun || raw_plus != std::string::npos))
            byte = " ";
        else if (is_raw_plus)
            raw_plus = number.size();
        else if (byte == "+" && !is_begun && raw_plus != std::string::npos)
            number[raw_plus] = ' ';
        is_begun = is_begun || byte.find_first_of("0123456789*#") == 0;
        number += byte;
        raw.remove_prefix(size);
    }
    return number;
}

/// Decodes a destination: in a SIP URI a raw `+` is a plus wherever it stands.
std::string decoded_destination(std::string_view raw)
{
    const std::string_view value = text::trimmed_of_marks(raw);
    std::string text =
        percent::decoded(value, percent::Plus::stays); // the one that is returned: moving a text is a call
    if (!text::is_utf8(text))
        text = text::utf8_or_windows_1252(std::move(text));
    const bool is_plain = value.find('+', 1) == std::string_view::npos && !value.starts_with('+');
    if (const std::string_view uri = without_blank_ends(text); is_sip(uri))
        text = std::string(uri);
    else if (!is_plain)
        text = in_utf8(decoded_number(value));
    return text;
}

/// Collects what the pieces of a body say, the first value that is not empty of each key.
class FormReader
{
public:
    FormReader(const ReplyOptions& options, ReplyReading* reading, ReplyParts& parts)
        : options_(options)
        , reading_(reading)
        , parts_(parts)
    {
    }

    void read(std::string_view body);

private:
    ReplyField field_of(std::string_view key) const;
    void begin_pair(std::string_view key, std::string_view value);
    void go_on(std::string_view piece);
    void end_pair();
    std::string cleaned(References references, std::size_t max_code_points) const;
    void read_word(std::string& word);
    void read_destination();
    void add_variable();
    void note()
    {
        if (reading_ != nullptr)
            reading_->note(field_, field_ == ReplyField::variable ? key_ : std::string_view(), std::string(key_));
    }

    const ReplyOptions& options_;
    ReplyReading* reading_;
    ReplyParts& parts_;

    /// The pair that is being read; a raw `&` in a value makes it continue in the next piece.
    std::string_view key_;
    ReplyField field_ = ReplyField::variable;
    std::string_view value_;
    std::string joined_; ///< what `value_` shows when it continued
    bool is_joined_ = false;
};

template <std::size_t Size>
bool is_key(std::string_view key, const char (&name)[Size])
{
    return key.size() == Size - 1 && (text::is(key, name) || text::letters_equal(key, {name, Size - 1}));
}

ReplyField FormReader::field_of(std::string_view key) const
{
    if (!options_.has_own_keys) {
        if (is_key(key, "status"))
            return ReplyField::status;
        if (is_key(key, "destination"))
            return ReplyField::destination;
        if (is_key(key, "callername"))
            return ReplyField::callername;
        if (is_key(key, "ring"))
            return ReplyField::ring;
        return options_.max_destinations > 1 && is_key(key, "strategy") ? ReplyField::strategy : ReplyField::variable;
    }
    // A library that writes forms encodes `contact[phone]`, and a server by hand does not.
    const std::string decoded = percent::decoded(key, percent::Plus::is_space);
    for (const ReplyTarget& target : options_.targets) {
        const std::string_view name = target.key.empty() ? to_string(target.field) : std::string_view(target.key);
        const bool is_it = text::equals_ignoring_case(key, name) || text::equals_ignoring_case(decoded, name);
        if (is_it && target.field != ReplyField::variable)
            return target.field;
    }
    return ReplyField::variable;
}

void FormReader::read(std::string_view body)
{
    while (!body.empty()) {
        const std::size_t end = std::min(body.find('&'), body.size());
        std::string_view piece = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));

        const std::string_view written = piece;
        piece.remove_prefix(character_references::rest_of_ampersand(piece));
        const bool may_continue = !key_.empty() && field_ != ReplyField::status;
        const bool is_reference = written.size() == piece.size() && character_references::continues_reference(piece);
        const std::size_t equals = piece.find('=');
        if (equals != std::string_view::npos && !(may_continue && is_reference)) {
            end_pair();
            begin_pair(text::trimmed_of_marks(piece.substr(0, equals)), piece.substr(equals + 1));
        } else if (may_continue) {
            // In a name, references are undone at its end, and only once.
            const std::string_view more = field_ == ReplyField::callername ? written : piece;
            if (!more.empty())
                go_on(more);
        }
    }
    end_pair();
}

void FormReader::begin_pair(std::string_view key, std::string_view value)
{
    key_ = key;
    field_ = field_of(key);
    value_ = value;
    is_joined_ = false;
}

void FormReader::go_on(std::string_view piece)
{
    if (!std::exchange(is_joined_, true))
        joined_ = value_;
    joined_.append(1, '&').append(piece);
    value_ = joined_;
}

void FormReader::end_pair()
{
    switch (field_) {
    case ReplyField::status:
        read_word(parts_.status);
        break;
    case ReplyField::destination:
        read_destination();
        break;
    case ReplyField::callername:
        if (!parts_.callername.empty())
            break;
        parts_.callername = cleaned(References::are_undone, Reply::max_callername);
        note();
        break;
    case ReplyField::strategy:
        read_word(parts_.ringing().strategy);
        break;
    case ReplyField::ring:
        read_word(parts_.ringing().ring);
        break;
    case ReplyField::variable:
        if (is_variable_name(key_))
            add_variable();
        break;
    }
    key_ = {};
    field_ = ReplyField::variable;
}

/// Returns the value as text for a display or a variable: decoded, always UTF-8, free of control characters, cut.
std::string FormReader::cleaned(References references, std::size_t max_code_points) const
{
    std::string text = decoded_text(value_);
    if (parts_.has_lone_surrogate)
        drop_lone_surrogates(text);
    clean(text, references, max_code_points);
    return text;
}

void FormReader::read_word(std::string& word)
{
    if (!word.empty())
        return;
    word = text::trimmed_of_marks(percent::decoded(value_, percent::Plus::stays));
    note();
}

void FormReader::read_destination()
{
    if (parts_.destination.is_none()) { // nearly always it is the only one
        parts_.destination.text = decoded_destination(value_);
        if (reading_ != nullptr && !parts_.destination.is_none())
            note();
    } else if (parts_.has_room_for_destination(options_) && parts_.add({.text = decoded_destination(value_)}, options_))
    {
        note();
    }
}

void FormReader::add_variable()
{
    if (!parts_.has_room_for(key_))
        return;
    std::string value = cleaned(References::stay, Reply::max_variable_value);
    if (value.empty())
        return;
    parts_.variables.emplace_back(key_, std::move(value));
    note();
}

} // namespace

void read_form(std::string_view body, const ReplyOptions& options, ReplyReading* reading, ReplyParts& parts)
{
    FormReader(options, reading, parts).read(body);
}

} // namespace dialhook
