#pragma once

#include "webhook/reply.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

enum class References : unsigned char
{
    stay,
    are_undone
};

/// Returns `text` in UTF-8.
std::string in_utf8(std::string text);

/// Makes of `text`, which is decoded, one for a display or a variable: in UTF-8, free of control characters, cut. In
/// place: each move of a text is a call.
void clean(std::string& text, References references, std::size_t max_code_points);

/// Drops what stands for lone surrogates of a JSON string: half a character, where a name was cut.
void drop_lone_surrogates(std::string& text);

bool is_sip(std::string_view destination);

/// A destination as it was found, before it is judged.
struct WrittenDestination
{
    std::string text;
    bool is_no_text = false;                 ///< an object or the like
    bool is_fraction = false;                ///< a number of JSON, which has a decimal point
    const ReplyTarget* target = nullptr;     ///< what led to it, in JSON
    std::optional<std::size_t> element = {}; ///< which one of the list there

    bool is_none() const { return !is_no_text && is_blank_number(text); }
    /// Returns `/contact/phones/0`; empty: it stood in a form.
    std::string place() const;
};

/// What few replies have: more destinations than one, and how they ring.
struct RingParts
{
    std::vector<WrittenDestination> more; ///< destinations after the first
    std::string strategy;
    std::string ring;
};

using ReplyResult = boost::system::result<Reply, BadReply>;

/// What a body says, the first value that is not empty of each field, before it is judged. Name and variables are
/// written where they stay: a form is read for nearly every call, and each move of a text costs.
struct ReplyParts
{
    explicit ReplyParts(Reply& reply)
        : callername(reply.callername)
        , variables(reply.variables)
    {
    }

    std::string status;
    WrittenDestination destination;
    std::string& callername;
    Variables& variables;
    std::unique_ptr<RingParts> rings; ///< null: nothing of it was found

    const ReplyTarget* status_target = nullptr; ///< where JSON has it
    bool begins_as_json = false;                ///< though it is read as a form
    bool has_lone_surrogate = false;            ///< a form, which was a JSON string

    /// Returns where `rings` begins to be filled.
    RingParts& ringing()
    {
        if (rings == nullptr)
            rings = std::make_unique<RingParts>();
        return *rings;
    }

    /// Returns whether a reply may name one destination more.
    bool has_room_for_destination(const ReplyOptions& options) const
    {
        return destination.is_none() || 1 + (rings == nullptr ? 0 : rings->more.size()) < options.max_destinations;
    }

    /// Takes `written` if there is room for it and it is one; false: it was not taken.
    bool add(WrittenDestination&& written, const ReplyOptions& options);

    /// Returns whether a variable of this name would be handed on.
    bool has_room_for(std::string_view name) const;

    /// Completes `result`, which holds the reply that these parts belong to, or makes it the fault that they have.
    void judge(std::string_view international_prefix, const ReplyOptions& options, ReplyResult& result) const;
};

} // namespace dialhook
