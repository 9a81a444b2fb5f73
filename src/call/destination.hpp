#pragma once

#include "call/numbers.hpp"
#include "call/written_number.hpp"

#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dialhook {

/// Where a call may be sent: a number or a SIP URI that is safe to hand to a dialplan. It exists only if it is.
///
/// A number is up to 32 digits with an optional leading `+`, or 1 to 32 of digits, `*` and `#` (an internal number).
/// A SIP URI (RFC 3261) is `sip:` or `sips:`, `[A-Za-z0-9._+~*#-]+`, `@`, a host and an optional port, 256 bytes at
/// most; parameters and headers are refused.
class Destination
{
public:
    /// Reads what a web server wrote, already percent-decoded and in UTF-8: a number as people write it
    /// (`read_number`), or a SIP URI as it stands.
    static boost::system::result<Destination, RefusedDestination> from(std::string_view text,
                                                                       std::string_view international_prefix = {});

    const std::string& str() const { return text_; }
    bool is_sip() const { return text_.starts_with("sip"); }

    bool operator==(const Destination&) const = default;

private:
    explicit Destination(std::string text)
        : text_(std::move(text))
    {
    }

    std::string text_;
};

/// One pattern of a webhook's `destinations`: `*` stands for any digits, `?` for one. A SIP URI is matched only by a
/// pattern that starts with `sip:`, in which `*` stands for anything; it covers `sips:` too.
///
/// Numbers are compared in E.164: `+31*` and, with the trunk prefix 0 in country 31, `06*` both cover `0612345678`. A
/// pattern that begins with a wildcard covers them in the national form, too: `??????????` is `0612345678`, and no
/// foreign number. However a number is written, it is judged alike; `*` alone is any digits, as written.
class DestinationPattern
{
public:
    /// Returns nullopt if `text` is empty or holds what no destination can hold.
    static std::optional<DestinationPattern> from(std::string_view text, const Numbers& numbers = {});

    /// `key` is `numbers.key(destination)`, and `national` the destination in that form, of the numbers that the
    /// pattern was made with.
    bool matches(const Destination& destination, std::string_view key, std::string_view national) const;
    bool matches(const Destination& destination) const
    {
        return matches(destination, destination.str(), destination.str());
    }
    const std::string& str() const { return text_; }

    bool operator==(const DestinationPattern&) const = default;

private:
    DestinationPattern(std::string text, std::string in_e164)
        : text_(std::move(text))
        , in_e164_(std::move(in_e164))
    {
    }

    std::string text_;
    std::string in_e164_; ///< empty: that is how it is written
};

/// The destinations that a webhook's replies may name; an empty list allows all.
using DestinationPatterns = std::vector<DestinationPattern>;

bool allows(const DestinationPatterns& patterns, const Destination& destination, const Numbers& numbers = {});

} // namespace dialhook
