#pragma once

#include <dialhook/webhook/reply.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dialhook {

enum class References : unsigned char
{
    stay,
    are_undone
};

/// Returns `text` in UTF-8.
std::string in_utf8(std::string text);

/// Text for a display or a variable: `decoded`, in UTF-8, free of control characters, cut.
std::string cleaned_text(std::string decoded, References references, std::size_t max_code_points);

bool is_sip(std::string_view destination);

/// Whether a reply may hand on a variable of this name.
bool is_variable_name(std::string_view name);

/// What a body says, the first value that is not empty of each field, before it is judged.
struct ReplyParts
{
    std::string status;
    std::string destination;
    std::string callername;
    Variables variables;

    bool destination_is_no_text = false;             ///< an object or the like, at its place
    const ReplyTarget* destination_target = nullptr; ///< what gave it, of JSON
    std::optional<std::size_t> destination_element;  ///< which element of a list it was
    const ReplyTarget* status_target = nullptr;      ///< where JSON has it

    /// Whether a variable of this name would be handed on.
    bool has_room_for(std::string_view name) const;

    /// The reply, or why it is none.
    boost::system::result<Reply, BadReply> judged(std::string_view international_prefix, const ReplyOptions& options);
};

/// Where the destination of `parts` stands: `/contact/phones/0`.
std::string place_of_destination(const ReplyParts& parts);

} // namespace dialhook
