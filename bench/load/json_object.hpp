#pragma once

#include <optional>
#include <string_view>

namespace dialhook::bench {

/// Walks over the members of one JSON object without reading deeper: as much JSON as it takes to check an answer
/// without becoming the bottleneck of the measurement.
class JsonObject
{
public:
    struct Member
    {
        std::string_view key;   ///< without quotes, escapes as written
        std::string_view value; ///< as written: with quotes, braces or brackets
    };

    explicit JsonObject(std::string_view text);

    /// The next member; nothing at the end of the object, or when the text is no object.
    std::optional<Member> next();

    /// Whether the whole text was an object, nothing missing and nothing behind it. Asked when next() gave nothing.
    bool ended_well() const { return ended_well_; }

private:
    bool skip(char expected);
    void skip_space();
    std::string_view take_string();
    std::string_view take_value();

    std::string_view rest_;
    bool first_ = true;
    bool ended_well_ = false;
};

} // namespace dialhook::bench
