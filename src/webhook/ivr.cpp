#include "webhook/ivr.hpp"

namespace dialhook {

boost::system::result<Code, CodeFault> Ivr::read_code(std::string_view typed) const
{
    if (typed.ends_with(terminator))
        typed.remove_suffix(1);
    auto code = Code::from(typed);
    if (!code)
        return CodeFault::not_keys;
    if (typed.size() > max_digits)
        return CodeFault::too_long;
    return *std::move(code);
}

} // namespace dialhook
