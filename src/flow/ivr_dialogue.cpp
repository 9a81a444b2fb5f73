#include "flow/ivr_dialogue.hpp"

#include <utility>

namespace dialhook::flow {

IvrAction IvrDialogue::take(IvrEvent event)
{
    if (std::holds_alternative<NoCode>(event))
        return silence();
    if (std::holds_alternative<EmptyCode>(event))
        return refused(Decision::failure(Reason::nak));
    return answered(std::get<Decision>(std::move(event)));
}

IvrAction IvrDialogue::answered(Decision decision)
{
    if (decision.http_status)
        http_status_ = decision.http_status;
    if (decision.reason() == Reason::nak)
        return refused(std::move(decision));
    return Conclude{std::move(decision), {}};
}

Collect IvrDialogue::ask_again(std::string_view play)
{
    return {play, ++attempt_};
}

IvrAction IvrDialogue::refused(Decision decision)
{
    if (!is_last())
        return ask_again(ivr_.incorrect_message);
    Decision last = Decision::failure(Reason::ivr_attempts);
    last.status = Status::nak;
    last.http_status = http_status_;
    last.callername = std::move(decision.callername);
    last.variables = std::move(decision.variables);
    last.source = decision.source;
    last.detail = "the caller entered no code that the web server took";
    return Conclude{std::move(last), ivr_.incorrect_message};
}

IvrAction IvrDialogue::silence()
{
    if (!is_last())
        return ask_again(ivr_.timeout_message);
    Decision last = Decision::failure(Reason::ivr_timeout);
    last.detail = "the caller entered no code in time";
    return Conclude{std::move(last), ivr_.timeout_message};
}

} // namespace dialhook::flow
