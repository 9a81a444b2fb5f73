#include "dispatch/hint.hpp"

namespace dialhook::dispatch {

std::string_view hint_for(Reason reason)
{
    switch (reason) {
    case Reason::bad_reply:
        return "look at the reply with dialhookctl try; it must say status=ACK, NAK or ERR";
    case Reason::destination:
        return "add the number to the webhook's destinations, if calls may go there";
    case Reason::http_status:
        return "look into the web server's own log, or at its reply with dialhookctl try";
    case Reason::timeout:
        return "see with dialhookctl try which phase takes so long; a circuit_breaker spares callers the wait";
    case Reason::dns:
        return "check the name in the webhook's url, and server.dns";
    case Reason::connect:
        return "check that the web server runs, and that no firewall is in between";
    case Reason::tls:
        return "check the web server's certificate; tls.ca_file trusts an authority of your own";
    case Reason::egress:
        return "add the web server to egress.allow, if requests may go there";
    case Reason::redirect:
        return "put the final address into the webhook's url";
    case Reason::overload:
        return "raise the limit that detail names: max_in_flight, or LimitNOFILE= for descriptors";
    case Reason::circuit_open:
        return "the web server failed before; one call tries it again after open_for";
    case Reason::internal:
        return "free memory or descriptors; if there are plenty, it is a defect to report";
    case Reason::nak:
    case Reason::err:
    case Reason::ivr_timeout:
    case Reason::ivr_attempts:
    case Reason::shutdown:
        return {};
    }
    return {};
}

} // namespace dialhook::dispatch
