#include "fuzz/reply_property.hpp"

#include "base/text.hpp"
#include "fuzz/require.hpp"

namespace dialhook::fuzz {

bool same(const Reply& left, const Reply& right)
{
    return left.status == right.status && left.destination == right.destination &&
           left.callername == right.callername && left.variables == right.variables &&
           (left.ringing == nullptr) == (right.ringing == nullptr) &&
           (left.ringing == nullptr || *left.ringing == *right.ringing);
}

void require_within_limits(const Reply& reply)
{
    require(!reply.destination || reply.status == Status::ack, "only an ACK has a destination");
    require(!reply.ringing || reply.destination, "what rings is a destination");
    require(text::first_code_points(reply.callername, Reply::max_callername) == reply.callername,
            "a callername is cut");
    require(reply.variables.size() <= Reply::max_variables, "there are not more variables than promised");
    for (const auto& [name, value] : reply.variables) {
        require(!value.empty(), "an empty variable is none");
        require(text::first_code_points(value, Reply::max_variable_value) == value, "a variable is cut");
    }
}

void require_sentence(const BadReply& fault)
{
    const std::string sentence = to_string(fault);
    require(!sentence.empty(), "a fault has a sentence");
    require(text::is_utf8(sentence) && !text::has_controls(sentence), "a fault quotes nothing of the body");
}

} // namespace dialhook::fuzz
